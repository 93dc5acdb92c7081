// Saving: what is there already stays whole, whatever happens meanwhile.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "checkpoint/aside.h"
#include "tests/base/config_message.h"
#include "tests/checkpoint/small_machine.h"

namespace orrery {
namespace {

struct Saving : testing::Test {
  ScratchDirectory scratch;
  std::string directory = scratch / "c";
  SmallMachine old_machine, new_machine;

  void SetUp() override {
    old_machine.fill(1);
    new_machine.fill(2);
  }
  std::string saved_digest() const {
    const Checkpoint checkpoint = Checkpoint::open(directory);
    checkpoint.verify();
    return checkpoint.manifest().digest;
  }
};

TEST_F(Saving, AnExistingOneIsRefusedUnlessReplaced) {
  old_machine.save(directory);
  EXPECT_EQ(config_message([&] { new_machine.save(directory); }),
            directory + ": exists already; --replace replaces it");
  EXPECT_EQ(saved_digest(), old_machine.digest());
  new_machine.save(directory, true);
  EXPECT_EQ(saved_digest(), new_machine.digest());
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
}

TEST_F(Saving, WhatIsNoCheckpointIsNotReplaced) {
  std::filesystem::create_directory(directory);
  write_bytes(directory + "/thesis.tex", {1});
  EXPECT_EQ(config_message([&] { new_machine.save(directory, true); }),
            directory + ": holds \"thesis.tex\", which is no part of a checkpoint, and is not replaced");
  EXPECT_TRUE(std::filesystem::exists(directory + "/thesis.tex"));
  write_bytes(scratch / "file", {1});
  config_message([&] { new_machine.save(scratch / "file", true); });
  EXPECT_EQ(read_bytes(scratch / "file"), std::vector<u8>{1});
  EXPECT_EQ(scratch.names().size(), 2u);
}

TEST_F(Saving, NamesAreTakenAsPeopleWriteThem) {
  old_machine.save(directory + "/");
  EXPECT_EQ(saved_digest(), old_machine.digest());
  std::filesystem::create_directory_symlink("c", scratch / "link");
  new_machine.save(scratch / "link", true);
  EXPECT_EQ(saved_digest(), new_machine.digest());
  EXPECT_TRUE(std::filesystem::is_symlink(scratch / "link"));
  for (const char* name : {"", ".", "..", "/"})
    EXPECT_TRUE(config_message([&] { new_machine.save(name, true); }).find("not a name") !=
                std::string::npos);
  EXPECT_TRUE(config_message([&] { new_machine.save(scratch / "none/c"); })
                  .ends_with("cannot create: No such file or directory"));
}

TEST_F(Saving, AReaderKeepsTheOneItOpened) {
  old_machine.save(directory);
  const Checkpoint opened = Checkpoint::open(directory);
  new_machine.save(directory, true);
  opened.verify();
  EXPECT_EQ(opened.manifest().digest, old_machine.digest());
}

TEST_F(Saving, LeftoversOfKilledSavesAreRemovedAndNothingElse) {
  const auto leave = [&](const std::string& name, const char* file) {
    std::filesystem::create_directory(scratch / name);
    write_bytes(scratch / name + "/" + file, {1});
  };
  leave("c.partial-1", state_file);
  leave("c.replaced-7", state_file);
  leave("c.partial-x", state_file);   // no name of ours
  leave("c.partial-2", "notes.txt");  // no contents of ours
  leave("d.partial-3", state_file);   // of another checkpoint
  leave("c.partial-4", state_file);   // being written
  const Descriptor busy(open((scratch / "c.partial-4").c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(flock(busy.get(), LOCK_EX), 0);
  old_machine.save(directory);
  new_machine.save(directory, true);
  auto names = scratch.names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"c", "c.partial-2", "c.partial-4", "c.partial-x",
                                             "d.partial-3"}));
}

TEST_F(Saving, AnOldOneThatWasMovedAsideComesBack) {
  old_machine.save(directory);
  std::filesystem::rename(directory, scratch / "c.replaced-99999");
  config_message([&] { new_machine.save(directory); });
  EXPECT_EQ(saved_digest(), old_machine.digest());
}

TEST_F(Saving, AFailureLeavesTheOldOneAndNoRemains) {
  old_machine.save(directory);
  { const Aside abandoned(directory, true, checkpoint_files); }
  EXPECT_EQ(saved_digest(), old_machine.digest());
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
}

TEST_F(Saving, WithoutExchangeInTheFileSystemItIsReplacedAllTheSame) {
  const std::string_view known[] = {"file"};
  for (u8 version = 1; version <= 3; ++version) {
    Aside aside(directory, true, known, false);
    OutputFile file(aside.path_of("file"));
    file.write({&version, 1});
    file.finish();
    aside.commit();
    EXPECT_EQ(read_bytes(directory + "/file"), std::vector<u8>{version});
    EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
  }
}

// In a child process, so that its limits and its death are its own.
template <class Action>
int in_child(Action&& action) {
  const pid_t child = fork();
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(Saving, AFullDiskIsOneSentenceAndTheOldOneStays) {
  old_machine.save(directory);
  std::filesystem::create_directory(scratch / "message");
  for (const rlim_t limit : {rlim_t{0}, rlim_t{100}, rlim_t{1000}, rlim_t{20'000}}) {
    in_child([&] {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit most{limit, limit};
      setrlimit(RLIMIT_FSIZE, &most);
      try {
        new_machine.save(directory, true);
      } catch (const ConfigError& error) {
        // The limit is on files: the sentence becomes the name of one.
        std::string name = error.what();
        std::replace(name.begin(), name.end(), '/', '!');
        std::filesystem::create_directory(scratch / "message/" + name.substr(name.size() > 200 ? name.size() - 200 : 0));
      }
    });
    EXPECT_EQ(saved_digest(), old_machine.digest());
    EXPECT_EQ(scratch.names().size(), 2u);
  }
  int messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "message")) {
    EXPECT_TRUE(entry.path().string().ends_with("cannot write: File too large"));
    ++messages;
  }
  EXPECT_GT(messages, 0);
}

TEST_F(Saving, KilledAtAnyMomentTheOldOrTheNewIsWhole) {
  old_machine.save(directory);
  const auto begin = std::chrono::steady_clock::now();
  old_machine.save(directory, true);
  const std::chrono::duration<double, std::micro> takes = std::chrono::steady_clock::now() - begin;
  Random random(1);
  int survived = 0, arrived = 0;
  for (int i = 0; i < 60; ++i) {
    const u64 delay_us = random.below(static_cast<u64>(2 * takes.count()) + 1);
    const pid_t child = fork();
    if (child == 0) {
      new_machine.save(directory, true);
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    const std::string digest = saved_digest();
    ASSERT_TRUE(digest == old_machine.digest() || digest == new_machine.digest());
    (digest == old_machine.digest() ? survived : arrived)++;
    if (digest == new_machine.digest()) old_machine.save(directory, true);
  }
  RecordProperty("old", survived);
  RecordProperty("new", arrived);
  old_machine.save(directory, true);
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
}

TEST_F(Saving, TwoSaversAtOnceLeaveOneWholeCheckpoint) {
  old_machine.save(directory);
  const std::string first = old_machine.digest(), second = new_machine.digest();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      try {
        for (int n = 0; n < 10; ++n) (i % 2 ? new_machine : old_machine).save(directory, true);
      } catch (const ConfigError& error) {
        fmt::print(stderr, "{}\n", error.what());
        _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const std::string digest = saved_digest();
  EXPECT_TRUE(digest == first || digest == second);
  EXPECT_EQ(scratch.names(), std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace orrery
