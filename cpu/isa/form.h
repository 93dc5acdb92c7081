// Forms: operand fields, immediate shape and assembly syntax in one short text.
//
// Letters: d s t R registers rd rs1 rs2 rs3 (capital D S T R: floating point); j I-immediate; o I-
// and q S-immediate as an address offset; f the same for prefetch; p branch and a jump target; u
// upper immediate; > < shift amounts of 6 and 5 bits; E CSR; Z five-bit immediate in rs1; m rounding
// mode; A aq/rl; P fence sets. Everything else stands for itself in the assembly text.
#pragma once

#include <array>
#include <string_view>

#include "cpu/isa/op.h"

namespace orrery {

struct FormRow {
  Form form;
  std::string_view syntax;
};

inline constexpr std::array form_rows = {
    FormRow{Form::R, "d,s,t"},          FormRow{Form::I, "d,s,j"},
    FormRow{Form::Load, "d,o(s)"},      FormRow{Form::S, "t,q(s)"},
    FormRow{Form::B, "s,t,p"},          FormRow{Form::U, "d,u"},
    FormRow{Form::J, "d,a"},            FormRow{Form::Jalr, "d,o(s)"},
    FormRow{Form::Shamt6, "d,s,>"},     FormRow{Form::Shamt5, "d,s,<"},
    FormRow{Form::Unary, "d,s"},        FormRow{Form::Fence, "P"},
    FormRow{Form::None, ""},            FormRow{Form::NoOperands, ""},
    FormRow{Form::Imm, "j"},  FormRow{Form::Csr, "d,E,s"},
    FormRow{Form::CsrImm, "d,E,Z"},     FormRow{Form::Lr, "Ad,(s)"},
    FormRow{Form::Amo, "Ad,t,(s)"},     FormRow{Form::SfenceVma, "s,t"},
    FormRow{Form::Cbo, "(s)"},          FormRow{Form::Prefetch, "f(s)"},
    FormRow{Form::FLoad, "D,o(s)"},     FormRow{Form::FStore, "T,q(s)"},
    FormRow{Form::R4, "D,S,T,Rm"},      FormRow{Form::FRrm, "D,S,Tm"},
    FormRow{Form::FR, "D,S,T"},         FormRow{Form::FUnaryRm, "D,Sm"},
    FormRow{Form::FCompare, "d,S,T"},   FormRow{Form::FToX, "d,S"},
    FormRow{Form::FToXrm, "d,Sm"},      FormRow{Form::XToF, "D,s"},
    FormRow{Form::XToFrm, "D,sm"},      FormRow{Form::Illegal, ""},
};

constexpr std::string_view form_syntax(Form form) {
  const FormRow& row = form_rows[static_cast<std::size_t>(form)];
  return row.form == form ? row.syntax : throw "form_rows is not in the order of Form";
}

constexpr bool form_has_rounding(Form form) {
  return form_syntax(form).find('m') != std::string_view::npos;
}

static_assert([] {
  for (std::size_t i = 0; i < form_rows.size(); ++i)
    if (form_rows[i].form != static_cast<Form>(i)) return false;
  return form_rows.size() == static_cast<std::size_t>(Form::Illegal) + 1;
}());

}  // namespace orrery
