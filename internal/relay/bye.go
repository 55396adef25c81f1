package relay

import (
	"fmt"
	"strings"
)

// A Code says why a relay closed a connection (PROTOCOL.md §9).
type Code uint8

// The codes of Bye.
const (
	Stopping    Code = 1
	WrongToken  Code = 2
	Full        Code = 3
	Replaced    Code = 4
	Violation   Code = 5
	NotAdmitted Code = 6
)

// String says the code in words.
func (c Code) String() string {
	switch c {
	case Stopping:
		return "the relay stops"
	case WrongToken:
		return "the relay wants another token"
	case Full:
		return "the relay is full"
	case Replaced:
		return "registered again from elsewhere"
	case Violation:
		return "the relay does not understand"
	case NotAdmitted:
		return "the relay does not admit this key"
	}
	return fmt.Sprintf("code %d", uint8(c))
}

// A ByeError reports that a relay closed the connection and said why.
type ByeError struct {
	Code Code
	Text string // what it said beside, for people
}

func (e *ByeError) Error() string {
	if e.Text == "" || e.Text == e.Code.String() {
		return e.Code.String()
	}
	return fmt.Sprintf("%v: %s", e.Code, e.Text)
}

// lasting reports whether coming back at once is of no use.
func (e *ByeError) lasting() bool { return e.Code != Stopping }

// maxBye is how many bytes of a Bye's text count.
const maxBye = 200

// byeError returns what a Bye says.
func byeError(code Code, text string) *ByeError {
	return &ByeError{Code: code, Text: strings.ToValidUTF8(text[:min(len(text), maxBye)], "")}
}

// byeFrame returns a Bye.
func byeFrame(code Code, text string) *frame {
	return newFrame(kindBye).add(byte(code)).add([]byte(text[:min(len(text), maxBye)])...)
}

// bye reads a Bye.
func (f *frame) bye() error {
	if f.n < 2 {
		return fmt.Errorf("%w: an empty bye", errFrame)
	}
	return byeError(Code(f.body()[0]), string(f.body()[1:]))
}
