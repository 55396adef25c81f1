package cast

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	header2 = `{"version": 2, "width": 80, "height": 24}` + "\n"
	header3 = `{"version": 3, "term": {"cols": 80, "rows": 24}}` + "\n"
)

// readAll reads a whole recording.
func readAll(src io.Reader) (Header, []Event, error) {
	r, err := NewReader(src)
	if err != nil {
		return Header{}, nil, err
	}
	var events []Event
	for {
		ev, err := r.Next()
		if err == io.EOF {
			return r.Header(), events, nil
		}
		if err != nil {
			return r.Header(), events, err
		}
		events = append(events, ev)
	}
}

func TestHeader(t *testing.T) {
	for _, tt := range []struct {
		desc, in string
		want     Header
	}{
		{"version 2", header2, Header{2, 80, 24}},
		{"version 3", header3, Header{3, 80, 24}},
		{"no newline at its end", strings.TrimSpace(header2), Header{2, 80, 24}},
		{"numbers of any form", `{"height":2.4E+1,"version":20e-1,"width":80.0}`, Header{2, 80, 24}},
		{"attributes that nobody knows", `{"version":2,"width":1,"height":65535,"env":{"TERM":"x"},"title":"t","gossterm":{"a":[]},"term":{}}`, Header{2, 1, 65535}},
		{"a line's end as on Windows", `{"version":2,"width":80,"height":24}` + "\r\n", Header{2, 80, 24}},
	} {
		got, events, err := readAll(strings.NewReader(tt.in))
		if err != nil || got != tt.want || events != nil {
			t.Errorf("%s: %+v, %v, %v; want %+v", tt.desc, got, events, err, tt.want)
		}
	}
}

const ms = time.Millisecond

func TestEvents(t *testing.T) {
	for _, tt := range []struct {
		desc, in string
		want     []Event
	}{{
		desc: "version 2 counts from the start",
		in:   header2 + `[0.25, "o", "a"]` + "\n" + `[0.25,"i","b"]` + "\n" + `[1, "m", ""]` + "\n",
		want: []Event{{Line: 2, Time: 250 * ms, Code: "o", Data: "a"}, {Line: 3, Time: 250 * ms, Code: "i", Data: "b"}, {Line: 4, Time: 1000 * ms, Code: "m"}},
	}, {
		desc: "version 3 counts from the event before, exactly",
		in:   header3 + `[0.1, "o", "a"]` + "\n" + `[0.2,"o","b"]` + "\n" + `[0,"x","0"]`,
		want: []Event{{Line: 2, Time: 100 * ms, Code: "o", Data: "a"}, {Line: 3, Time: 300 * ms, Code: "o", Data: "b"}, {Line: 4, Time: 300 * ms, Code: "x", Data: "0"}},
	}, {
		desc: "comments of version 3 and blank lines have no event, but a line",
		in:   header3 + "# [1, \n\n#\n \t\r\n" + `[1,"o","a"]` + "\n\n",
		want: []Event{{Line: 6, Time: 1000 * ms, Code: "o", Data: "a"}},
	}, {
		desc: "a resize",
		in:   header2 + `[0,"r","100x30"]`,
		want: []Event{{Line: 2, Code: "r", Data: "100x30", Cols: 100, Rows: 30}},
	}, {
		desc: "codes that nobody knows, with any data",
		in:   header2 + `[0,"gi",{"a":[1]}]` + "\n" + `[0,"g","text"]` + "\n" + `[0,"","r"]` + "\n" + `[0,"n",null]`,
		want: []Event{{Line: 2, Code: "gi"}, {Line: 3, Code: "g", Data: "text"}, {Line: 4, Data: "r"}, {Line: 5, Code: "n"}},
	}, {
		desc: "in version 2 time does not run backwards",
		in:   header2 + `[2,"o","a"]` + "\n" + `[1,"o","b"]` + "\n" + `[2.5,"o","c"]`,
		want: []Event{{Line: 2, Time: 2000 * ms, Code: "o", Data: "a"}, {Line: 3, Time: 2000 * ms, Code: "o", Data: "b"}, {Line: 4, Time: 2500 * ms, Code: "o", Data: "c"}},
	}, {
		desc: "numbers of any form",
		in:   header2 + `[-0.0,"o",""]` + "\n" + `[25E-2,"o",""]` + "\n" + `[1e3,"o",""]` + "\n" + `[1234567.890123,"o",""]` + "\n" + `[3153600000,"o",""]`,
		want: []Event{{Line: 2, Code: "o"}, {Line: 3, Time: 250 * ms, Code: "o"}, {Line: 4, Time: 1000_000 * ms, Code: "o"}, {Line: 5, Time: 1234567_890123 * time.Microsecond, Code: "o"}, {Line: 6, Time: MaxTime, Code: "o"}},
	}, {
		desc: "escapes, halves of a surrogate pair, one half alone",
		in:   header2 + `[0,"o","\u001b[m\r\n\ud83d\ude00é\u0000\ud83d"]`,
		want: []Event{{Line: 2, Code: "o", Data: "\x1b[m\r\n😀é\x00\ufffd"}},
	}} {
		for name, src := range map[string]io.Reader{"whole": strings.NewReader(tt.in), "by the byte": iotest.OneByteReader(strings.NewReader(tt.in))} {
			_, got, err := readAll(src)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s, read %s:\n got %+v, %v\nwant %+v", tt.desc, name, got, err, tt.want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	const form = ", expected [time, code, data]"
	for _, tt := range []struct{ desc, in, want string }{
		{"empty", "", "line 1: the file is empty, expected a header"},
		{"a blank first line", "\n" + header2, "line 1: not JSON"},
		{"a comment first", "# hello\n" + header3, "line 1: not JSON"},
		{"no header", `[0,"o","a"]`, "line 1: a JSON array, expected a header"},
		{"something else", "#!/bin/sh\n", "line 1: not JSON"},
		{"gzip", "\x1f\x8b\x08\x00", "line 1: this is compressed with gzip"},
		{"bytes", "\xff\xfe{\x00", "line 1: the line is not UTF-8"},
		{"version 1", `{"version":1,"width":80,"height":24,"stdout":[[0.1,"a"]]}`, "line 1: this is asciicast version 1, expected version 2 or 3"},
		{"version 1 without its number", `{"stdout":[]}`, "line 1: this is asciicast version 1"},
		{"version 1 on many lines", "{\n  \"version\": 1,\n", "line 1: the header is not one line, as of asciicast version 1"},
		{"a header that was cut off", `{"version": 2, "wid`, "line 1: not JSON: unexpected end"},
		{"version 4", `{"version":4}`, "line 1: this is version 4, expected version 2 or 3"},
		{"a version between", `{"version":2.5,"width":80,"height":24}`, "line 1: this is version 2.5,"},
		{"a version that is text", `{"version":"2","width":80,"height":24}`, `line 1: this is version "2",`},
		{"no version", `{"width":80}`, "line 1: there is no version, expected a header"},
		{"no width", `{"version":2,"height":24}`, `line 1: the size nothing by 24 is none, expected "width" and "height"`},
		{"a size of version 2 in version 3", `{"version":3,"width":80,"height":24}`, `line 1: the size nothing by nothing is none, expected "term": {"cols", "rows"}`},
		{"no columns", `{"version":2,"width":0,"height":24}`, "line 1: the size 0 by 24"},
		{"half a row", `{"version":2,"width":80,"height":24.5}`, "line 1: the size 80 by 24.5"},
		{"columns without end", `{"version":2,"width":1e99,"height":24}`, "line 1: the size 1e99 by 24"},
		{"more than 16 bits", `{"version":2,"width":65536,"height":24}`, "line 1: the size 65536 by 24"},
		{"a term that is none", `{"version":3,"term":"xterm"}`, `line 1: "term" is a JSON string`},

		{"no array", header2 + `{"a":1}` + "\n", "line 2: a JSON object" + form},
		{"two parts", header2 + `[0,"o"]` + "\n", "line 2: the event has not three parts" + form},
		{"four parts", header2 + `[0,"o","a",null]` + "\n", "line 2: the event has not three parts" + form},
		{"a time that is text", header2 + `["0","o","a"]` + "\n", `line 2: the time "0" is not a number` + form},
		{"no time", header2 + `[null,"o","a"]` + "\n", "line 2: the time null is not a number" + form},
		{"NaN", header2 + `[NaN,"o","a"]` + "\n", "line 2: not JSON: invalid character 'N'"},
		{"a time before the start", header2 + `[-0.5,"o","a"]` + "\n", "line 2: the time -0.5 is negative" + form},
		{"an interval below zero", header3 + `[1,"o","a"]` + "\n" + `[-0.5,"o","a"]` + "\n", "line 3: the time -0.5 is negative" + form},
		{"a time without end", header2 + `[1e999,"o","a"]` + "\n", "line 2: the time 1e999 is out of range" + form},
		{"a time of centuries", header2 + `[3153600001,"o","a"]` + "\n", "line 2: the time 3153600001 is more than a hundred years" + form},
		{"intervals of centuries", header3 + `[3153600000,"o","a"]` + "\n" + `[0.1,"o","a"]` + "\n", "line 3: the time is more than a hundred years" + form},
		{"a code that is a number", header2 + `[0,1,"a"]` + "\n", "line 2: the code 1 is not a string" + form},
		{"data that is no text", header2 + `[0,"o",["a"]]` + "\n", `line 2: the data ["a"] is not a string` + form},
		{"a long part", header2 + `[0,"o",["` + strings.Repeat("é", 100) + `"]]`, `line 2: the data ["` + strings.Repeat("é", 19) + `... is not a string` + form},
		{"a size without x", header2 + `[0,"r","80"]` + "\n", `line 2: the size "80" is not "COLSxROWS"` + form},
		{"a size with a sign", header2 + `[0,"r","+80x24"]` + "\n", `line 2: the size "+80x24" is not`},
		{"a size of nothing", header2 + `[0,"r","80x0"]` + "\n", `line 2: the size "80x0" is not`},
		{"a size of more than 16 bits", header2 + `[0,"r","65536x24"]` + "\n", `line 2: the size "65536x24" is not`},
		{"not UTF-8", header2 + "[0,\"o\",\"\xc3\"]\n", "line 2: the line is not UTF-8" + form},
		{"a comment in version 2", header2 + "# a\n", "line 2: not JSON"},
		{"text behind", header2 + `[0,"o","a"] b` + "\n", "line 2: not JSON"},
		{"deep", header2 + strings.Repeat("[", 20000) + "\n", "line 2: not JSON"},
		{"the second event", header2 + `[0,"o","a"]` + "\n\n" + `[0,"o"` + "\n" + `[0,"o","a"]`, "line 4: not JSON: unexpected end"},
		{"cut in the last line", header2 + `[0,"o","a"]` + "\n" + `[0,"o","a`, "line 3: the file ends in the middle of this event"},
		{"cut within a character", header2 + "[0,\"o\",\"\xc3", "line 2: the file ends in the middle of this event"},
		{"a last line of zeros", header2 + "\x00\x00\x00", "line 2: not JSON"},
	} {
		_, _, err := readAll(strings.NewReader(tt.in))
		wrong, ok := errors.AsType[*Error](err)
		if !ok || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s:\n got %v\nwant %s", tt.desc, err, tt.want)
			continue
		}
		if len(err.Error()) > 300 {
			t.Errorf("%s: an error of %d bytes", tt.desc, len(err.Error()))
		}
		if wrong.Line > 1 && wrong.Hint != fmt.Sprintf("'head -n %d' keeps what is before it", wrong.Line-1) {
			t.Errorf("%s: hint %q", tt.desc, wrong.Hint)
		}
	}
}

// TestErrorStays checks that nothing is read behind a line that is wrong.
func TestErrorStays(t *testing.T) {
	r, err := NewReader(strings.NewReader(header2 + "x\n" + `[0,"o","a"]` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	_, second := r.Next()
	if first == nil || first != second {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("broken")
	for in, want := range map[string]string{"": "line 1: broken", header2 + `[0,"o","a"]`: "line 2: broken"} {
		_, _, err := readAll(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || err.Error() != want {
			t.Errorf("after %q: %v, want %s", in, err, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[float64]time.Duration{0: 0, 0.1: 100 * ms, 1.000000001: time.Second + 1, 1e-10: 0,
		86400.123456: 24*time.Hour + 123456*time.Microsecond} {
		if got, err := Seconds(in); got != want || err != nil {
			t.Errorf("Seconds(%v) = %v, %v; want %v", in, got, err, want)
		}
	}
}
