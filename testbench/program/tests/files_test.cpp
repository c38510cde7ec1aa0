// Files that a run writes: the capture read back by libpcap, files cut back to a whole record when the disk is full,
// and the digest that changes with every byte and every time.
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "testbench/program/capture.h"
#include "testbench/program/digest.h"
#include "testbench/program/output_file.h"
#include "testbench/program/sha256.h"
#include "testbench/program/tlp_capture.h"

namespace ringside::testbench {
namespace {

using sc_model::FrameEvent;
using sc_model::FrameStage;

class Files : public testing::Test {
 protected:
  Files() {
    std::string name = (std::filesystem::temp_directory_path() / "ringside_files_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
};

struct ReadFrame {
  uint64_t time_ns;
  std::vector<uint8_t> bytes;
};

int link_type(const std::string& path) {
  char error[PCAP_ERRBUF_SIZE];
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> file(pcap_open_offline(path.c_str(), error), pcap_close);
  return file ? pcap_datalink(file.get()) : -1;
}

std::vector<ReadFrame> read_capture(const std::string& path) {
  char error[PCAP_ERRBUF_SIZE];
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> file(
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error), pcap_close);
  if (!file) ADD_FAILURE() << error;
  std::vector<ReadFrame> frames;
  pcap_pkthdr* head;
  const u_char* data;
  int result = PCAP_ERROR_BREAK;
  while (file && (result = pcap_next_ex(file.get(), &head, &data)) == 1) {
    frames.push_back({static_cast<uint64_t>(head->ts.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(head->ts.tv_usec),
                      {data, data + head->caplen}});
  }
  EXPECT_EQ(result, PCAP_ERROR_BREAK) << "not read to its end";
  return frames;
}

FrameEvent sent(unsigned sender, uint64_t time_ns, const std::vector<uint8_t>& bytes) {
  FrameEvent event;
  event.sender = sender;
  event.time_ps = time_ns * 1000;
  event.bytes = bytes.data();
  event.length = static_cast<uint32_t>(bytes.size());
  event.fcs_good = true;
  return event;
}

std::array<CaptureInterface, 2> two_ports() {
  return {{{"h0", "port of h0", {2, 0, 0, 0, 0, 1}, 10'000'000'000},
           {"h1", "port of h1", {2, 0, 0, 0, 0, 2}, 10'000'000'000}}};
}

TEST_F(Files, CaptureKeepsEveryLengthAndTime) {
  WireCapture capture(path("a.pcapng"), two_ports());
  for (uint32_t length = 64; length < 1519; ++length) {
    std::vector<uint8_t> bytes(length, static_cast<uint8_t>(length));
    capture.on_frame(sent(length % 2, 5'000'000'000 + length * 1'300, bytes));
  }
  capture.close();
  const auto frames = read_capture(path("a.pcapng"));
  ASSERT_EQ(frames.size(), 1519u - 64);
  for (uint32_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].time_ns, 5'000'000'000 + (64 + i) * 1'300);
    EXPECT_EQ(frames[i].bytes, std::vector<uint8_t>(64 + i, static_cast<uint8_t>(64 + i)));
  }
}

TEST_F(Files, CaptureIsInOrderOfTimeAndHasFramesOnce) {
  WireCapture capture(path("a.pcapng"), two_ports());
  const std::vector<uint8_t> bytes(64);
  capture.on_frame(sent(0, 30'000, bytes));  // ends, and is told, before the long one that started earlier
  capture.on_frame(sent(1, 29'000, bytes));
  FrameEvent delivered = sent(0, 30'500, bytes);
  delivered.stage = FrameStage::kDelivered;
  capture.on_frame(delivered);
  capture.on_frame(sent(1, 90'000, bytes));
  capture.close();
  const auto frames = read_capture(path("a.pcapng"));
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].time_ns, 29'000u);
  EXPECT_EQ(frames[1].time_ns, 30'000u);
  EXPECT_EQ(frames[2].time_ns, 90'000u);
}

sc_model::TlpEvent tlp_at(uint64_t time_ps, sc_model::TlpDirection direction, const sc_model::Tlp& tlp) {
  return {time_ps, direction, &tlp};
}

// Octet for octet what tlp_capture.h and the PCI Express Base Specification (2.2.4.1, 2.2.7, 2.2.9) draw.
TEST_F(Files, TlpCaptureHoldsTheTlpsAsTheSpecificationDrawsThem) {
  using sc_model::PciId;
  using sc_model::TlpDirection;
  sc_model::TlpPool pool;
  const std::vector<uint8_t> data{0x11, 0x22, 0x33, 0x44, 0x55};
  const auto write = sc_model::make_memory_write(pool, PciId::of(1, 0, 0), 0x1'2345'6780, data.data(), 5);
  const auto read = sc_model::make_memory_read(pool, PciId::of(0, 0, 0), 9, 0xE000'0010, 4);
  TlpCapture capture(path("t.pcapng"), {"h0", "h1"}, {1'000'000, 2'000'000});
  capture.host(1).on_tlp(tlp_at(7'000'123'004, TlpDirection::kFromDevice, *write));
  capture.host(0).on_tlp(tlp_at(7'000'122'999, TlpDirection::kToDevice, *read));  // a shell that runs less far ahead
  capture.close();
  EXPECT_EQ(link_type(path("t.pcapng")), 147);  // LINKTYPE_USER0
  const auto packets = read_capture(path("t.pcapng"));
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0].time_ns, 7'000'122u);
  EXPECT_EQ(packets[0].bytes, (std::vector<uint8_t>{1,    0,    0x03, 0xE7, 0, 0, 0, 0,     // to the NIC of h0, 999 ps
                                                    0x00, 0,    0,    1,    0, 0, 9, 0x0F,  // MRd, 1 DW, tag 9
                                                    0xE0, 0x00, 0x00, 0x10}));
  EXPECT_EQ(packets[1].time_ns, 7'000'123u);
  EXPECT_EQ(packets[1].bytes,
            (std::vector<uint8_t>{1,    1, 0, 4, 0,    1,    0,    0,     // from the NIC of h1, 4 ps
                                  0x60, 0, 0, 2, 1,    0,    0,    0x1F,  // MWr, 4-DW header, 2 DW
                                  0,    0, 0, 1, 0x23, 0x45, 0x67, 0x80, 0x11, 0x22, 0x33, 0x44, 0x55, 0, 0, 0}));
}

TEST_F(Files, WireCaptureIsEthernet) {
  WireCapture capture(path("a.pcapng"), two_ports());
  capture.close();
  EXPECT_EQ(link_type(path("a.pcapng")), DLT_EN10MB);
}

// A limit on the size of files stands in for a full disk: write() fails in the middle of a record just so.
TEST_F(Files, FullDiskLeavesWholeRecords) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{300'001, old.rlim_max};
  WireCapture capture(path("a.pcapng"), two_ports());
  setrlimit(RLIMIT_FSIZE, &small);
  const std::vector<uint8_t> bytes(1000, 7);
  for (uint64_t i = 0; i < 1000; ++i) capture.on_frame(sent(0, i * 1'000, bytes));
  capture.close();
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_TRUE(capture.file().failed());
  EXPECT_NE(capture.file().error().find("a.pcapng: File too large"), std::string::npos) << capture.file().error();
  const auto frames = read_capture(path("a.pcapng"));
  EXPECT_GT(frames.size(), 250u);
  EXPECT_LT(frames.size(), 300u);
  for (const ReadFrame& frame : frames) EXPECT_EQ(frame.bytes, bytes);
}

TEST_F(Files, DeviceWithoutRoomIsAnError) {
  OutputFile file("/dev/full");
  file.append("x", 1);
  file.end_record();
  file.close();
  EXPECT_EQ(file.error(), "cannot write /dev/full: No space left on device");
}

TEST_F(Files, WrongPlacesAreNamedAtOnce) {
  EXPECT_THROW(OutputFile("/nowhere/x"), OutputError);
  EXPECT_THROW(OutputFile{folder_}, OutputError);
}

TEST_F(Files, WhatWasReservedAndNotUsedIsGivenBack) {
  OutputFile file(path("a"));
  file.reserve(100'000);
  EXPECT_EQ(std::filesystem::file_size(path("a")), 100'000u);
  file.append("abc", 3);
  file.end_record();
  file.close();
  EXPECT_FALSE(file.failed());
  EXPECT_EQ(std::filesystem::file_size(path("a")), 3u);
}

std::string digest_of(std::vector<FrameEvent> frames, uint64_t tlp_time_ps = 5, uint8_t payload = 1) {
  RunDigest digest;
  for (const FrameEvent& frame : frames) digest.wire().on_frame(frame);
  sc_model::Tlp tlp;
  tlp.payload_bytes = 1;
  tlp.payload[0] = payload;
  digest.host(0).on_tlp({tlp_time_ps, sc_model::TlpDirection::kToDevice, &tlp});
  return digest.value();
}

TEST(Digest, ChangesWithEveryByteAndTime) {
  const std::vector<uint8_t> bytes(64, 1);
  std::vector<uint8_t> other = bytes;
  other[63] ^= 0x80;
  const std::string base = digest_of({sent(0, 1, bytes), sent(1, 2, bytes)});
  EXPECT_EQ(base.size(), 32u);
  EXPECT_EQ(base, digest_of({sent(1, 2, bytes), sent(0, 1, bytes)})) << "order of streams must not count";
  EXPECT_NE(base, digest_of({sent(0, 1, other), sent(1, 2, bytes)}));
  EXPECT_NE(base, digest_of({sent(0, 1, bytes), sent(1, 3, bytes)}));
  EXPECT_NE(base, digest_of({sent(0, 1, bytes)}));
  EXPECT_NE(base, digest_of({sent(0, 1, bytes), sent(1, 2, bytes)}, 6));
  EXPECT_NE(base, digest_of({sent(0, 1, bytes), sent(1, 2, bytes)}, 5, 2));
}

TEST(Sha256, OfPieces) {  // FIPS 180-2, appendix B.1
  Sha256 sha;
  sha.add("a", 1);
  sha.add("bc", 2);
  EXPECT_EQ(sha.value(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ringside::testbench
