#!/usr/bin/env python3
"""pipeline_trace.py konata|perfetto|hot-spots FILE STATISTICS MODEL HARTS [PCS]

Reads a pipeline trace strictly by its format's grammar and holds it against the statistics of the run:
whatever is begun ends once, times never go back, instructions retire in program order (that of PCS, the
pcs of an instruction trace) and as many as are counted. With "hot-spots": both tables add up.
"""
import json
import re
import sys


def konata(name, statistics, model, harts, pcs):
    lines = open(name).read().split("\n")
    assert lines[0] == "Kanata\t0004" and lines[-1] == "", "head or end"
    assert re.fullmatch(r"C=\t\d+", lines[1]), lines[1]
    cycle = int(lines[1].split("\t")[1])
    instructions, ended, stage, retired = {}, {}, {}, {h: [] for h in range(harts)}
    for line in lines[2:-1]:
        kind, *fields = line.split("\t")
        if kind == "C":
            assert len(fields) == 1 and int(fields[0]) > 0, line
            cycle += int(fields[0])
            continue
        number = int(fields[0])
        if kind == "I":
            assert len(fields) == 3 and number not in instructions, line
            assert harts > 1 or number == len(instructions), line
            instructions[number] = {"hart": int(fields[2]), "labels": {}, "stages": [], "begin": cycle}
            continue
        i = instructions[number]
        assert number not in ended, line
        if kind == "L":
            assert len(fields) == 3 and fields[1] in "01" and fields[1] not in i["labels"], line
            i["labels"][fields[1]] = fields[2]
        elif kind == "W":
            assert len(fields) == 3 and fields[2] == "0" and int(fields[1]) < number, line
            assert int(fields[1]) in instructions, line
        elif kind == "S":
            assert len(fields) == 3 and fields[1] == "0" and number not in stage, line
            assert fields[2] in ("F", "D", "Rn", "Ds", "Is", "X", "M", "Cp", "Cm"), line
            stage[number] = fields[2]
            i["stages"].append((fields[2], cycle))
        elif kind == "E":
            assert len(fields) == 3 and stage.pop(number) == fields[2], line
        elif kind == "R":
            assert len(fields) == 3 and number not in stage, line
            ended[number] = (int(fields[2]), cycle)
            if fields[2] == "0":
                assert int(fields[1]) == len(retired[i["hart"]]), line
                assert not retired[i["hart"]] or retired[i["hart"]][-1] < number, "not in program order"
                retired[i["hart"]].append(number)
            else:
                assert fields[2] == "1", line
        else:
            raise AssertionError(line)
    assert ended.keys() == instructions.keys(), "begun and not ended"
    wrong = 0
    for number, i in instructions.items():
        is_wrong = i["labels"]["1"].endswith("(wrong path)")
        wrong += is_wrong
        assert not is_wrong or ended[number][0] == 1, "a wrong path retires"
        assert i["stages"] and all(a[1] < b[1] for a, b in zip(i["stages"], i["stages"][1:])), i
        if ended[number][0] == 0: assert i["stages"][-1][0] == "Cm" and i["stages"][-1][1] + 1 == ended[number][1], i
    for hart, numbers in retired.items():
        counted = statistics["machine.%s.hart%d.instructions" % (model, hart)]
        if model == "outoforder":
            assert len(numbers) == counted, (len(numbers), counted)
        else:  # counts entries: some are in flight at the end
            assert counted - 128 <= len(numbers) <= counted, (len(numbers), counted)
    if model == "outoforder":
        counted = sum(statistics["machine.outoforder.hart%d.wrong_path" % h] for h in range(harts))
        assert wrong == counted > 0, (wrong, counted)
    else:
        assert wrong > 0, "no wrong path"
    flushed = len(instructions) - sum(map(len, retired.values()))
    assert flushed >= wrong, (flushed, wrong)
    if pcs:
        expected = [int(line.split()[2], 16) for line in open(pcs)]
        seen = [int(instructions[n]["labels"]["0"].split(":")[0], 16) for n in retired[0]]
        assert 0 <= len(expected) - len(seen) <= 128, (len(expected), len(seen))
        # Where an interrupt comes at the last moment, the instruction trace names what it came before.
        other = [n for n, pc in enumerate(seen) if pc != expected[n]]
        assert len(other) <= len(seen) / 200, "not the program's instructions"
        assert all(b - a > 1 for a, b in zip(other, other[1:])), "not the program's instructions"


def perfetto(name, statistics, model, harts, _):
    events = json.load(open(name))["traceEvents"]
    assert sum(e["ph"] == "M" for e in events) == harts
    whole, stages = {}, {}
    for e in events:
        if e["ph"] != "X": continue
        (whole if "args" in e else stages).setdefault((e["pid"], e["tid"]), []).append((e["ts"], e["ts"] + e["dur"], e))
    retired = sum(w[2]["cat"] == "retired" for lane in whole.values() for w in lane)
    counted = sum(statistics["machine.%s.hart%d.instructions" % (model, h)] for h in range(harts))
    assert counted - 128 * harts <= retired <= counted, (retired, counted)
    for lane, slices in whole.items():
        slices.sort(key=lambda s: s[:2])
        assert all(a[1] <= b[0] for a, b in zip(slices, slices[1:])), "two instructions at once in a lane"
        inner = sorted(stages[lane], key=lambda s: s[:2])
        # Together the stages cover the instructions, without gaps.
        assert sum(s[1] - s[0] for s in slices) == sum(s[1] - s[0] for s in inner)
        assert all(a[1] <= b[0] for a, b in zip(inner, inner[1:])), "two stages at once"


def hot_spots(name, statistics, model, harts, _):
    cycles = sum(statistics["machine.%s.hart%d.cycles" % (model, h)] for h in range(harts))
    counted = sum(statistics["machine.%s.hart%d.instructions" % (model, h)] for h in range(harts))
    text = open(name).read()
    head = re.match(r"(\d+) cycles, (\d+) instructions\n", text)
    assert int(head[1]) == cycles, (head[0], cycles)
    assert int(head[2]) == counted or (model == "inorder" and counted - 128 * harts <= int(head[2]) <= counted)
    tables = re.split(r"By \w+:\n\n", text)[1:]
    assert len(tables) == 2
    for table in tables:
        rows = [line.split() for line in table.split("\n")[1:] if line]
        assert len(rows) > 5 and sum(int(r[0]) for r in rows) == cycles, "cycles do not add up"
        assert sum(int(r[2]) for r in rows) == int(head[2]), "instructions do not add up"
        assert sum(int(r[4]) for r in rows) > 0 and sum(int(r[5]) for r in rows) > 0
        known = [int(r[0]) for r in rows if r[6] != "(nothing:" and r[-1] != "others"]
        assert known == sorted(known, reverse=True), "not in order"
    assert " work\n" in tables[0] and "work+" in tables[1], "no names"


what, name, statistics, model, harts = sys.argv[1:6]
check = {"konata": konata, "perfetto": perfetto, "hot-spots": hot_spots}[what]
check(name, json.load(open(statistics))["statistics"], model, int(harts), (sys.argv[6:] or [None])[0])
