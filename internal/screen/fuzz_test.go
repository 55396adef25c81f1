package screen

import "testing"

// FuzzWrite checks the laws for any bytes, cut and resized anywhere.
func FuzzWrite(f *testing.F) {
	for _, seed := range []string{
		"hello\r\nworld\x1b[31mred\x1b[m", "\x1b[?1049h\x1b[2;4r\x1b[?6h\x1b[Hx\x1b7\x1b[?1049l\x1b8",
		"日本語日本語日本語e\u0301\u0302", "\x1b]0;title\a\x1b[22t\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\",
		"\x1bP$qm\x1b\\\x1b[5n\x1b[6n\x1b[c\x1b]11;?\a", "0123456789012345678901\x1b[b\x1b7\x1b[K\x1b8",
		"\x1b(0lqqk\x1b(B\x0e\x1b)0x\x0f\x1b[4h\x1b[Hab\x1b[?7labcdefghijklmnopqrstuvwxyz", "\xe4\xb8\x18\xf0\x9f\x98\x80\xff\xc2\x9b",
		"\x1b[48;5;3m\x1b[2J\x1b[5X\x1b[3P\x1b[2@\x1b[2L\x1b[M\x1b[3S\x1b[2T", "\x1b[?1000;1006;2004s\x1b[?1002h\x1b[?1000r\x1b[>7u\x1b[=3;2u\x1b[<u",
		"0123456789012345678\u65e5\u672c\x1b[1K\x1b[A\x1b[2;3H\x1bM\x1b[?5W\x1b[3g\x1bH\x1b#8",
	} {
		f.Add([]byte(seed), uint16(len(seed)/2), uint8(20), uint8(5), uint8(12), uint8(3))
	}
	for _, r := range recordings(f) {
		part := r.data[len(r.data)/3:]
		f.Add(part[:min(len(part), 2000)], uint16(1000), uint8(59), uint8(19), uint8(40), uint8(10))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint16, cols, rows, cols2, rows2 uint8) {
		if len(data) > 4096 {
			return
		}
		at := min(int(cut), len(data))
		c, r := int(cols%60), int(rows%20)
		s := New(c, r)
		s.AnswerQueries(true)
		s.KeepScrolled(true)
		s.Write(data[:at])
		if err := invariant(s); err != nil {
			t.Fatalf("at the cut: %v", err)
		}
		want := fed(c, r, data)
		onto := New
		if cut%2 == 0 {
			onto = used
		}
		checkRebuilt(t, s, data[at:], want, onto)

		s.Resize(int(cols2%60), int(rows2%20))
		if err := invariant(s); err != nil {
			t.Fatalf("after Resize: %v", err)
		}
		v := onto(s.Size())
		v.Write(s.Snapshot())
		s.Write(data[at:])
		checkRebuilt(t, v, data[at:], s, onto)
		var fr Frame
		s.Frame(&fr)
		if err := invariant(s); err != nil {
			t.Fatalf("at the end: %v", err)
		}
		if n := len(fr.Scrolled); n > MaxScrolled || s.replyBytes > maxReplies {
			t.Fatalf("%d lines kept, %d bytes of answers", n, s.replyBytes)
		}
		split := New(c, r)
		for i := range data {
			split.Write(data[i : i+1])
		}
		if d := want.difference(split); d != "" {
			t.Fatalf("byte by byte: %s differs", d)
		}
	})
}
