package transport

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// A Code says why a link was closed (PROTOCOL.md §3).
type Code uint8

// The codes of PROTOCOL.md §3.
const (
	Left      Code = 0 // do not call back
	Ended     Code = 1 // the session is over
	Refused   Code = 2 // the proof is wrong
	Full      Code = 3 // try later
	Removed   Code = 4 // do not come back
	Violation Code = 5 // a frame broke the protocol
	Replaced  Code = 6 // a newer link of the same peer took over
	Late      Code = 7 // no valid Hello in time
	Idle      Code = 8 // of no use now

	// maxCode stands for every greater code: they all mean "unknown".
	maxCode Code = 255
)

var codeNames = [...]string{"left", "ended", "refused", "full", "removed", "violation", "replaced", "late", "idle"}

// String returns the name of c as PROTOCOL.md writes it.
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code %d", uint8(c))
}

// A CloseError reports that one end closed a link on purpose.
type CloseError struct {
	Code   Code
	Reason string // for people; printable
	Remote bool   // the peer closed it
}

// Error says who closed the link and why.
func (e *CloseError) Error() string {
	s := "closed: "
	if e.Remote {
		s = "closed by the peer: "
	}
	s += e.Code.String()
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s
}

// violation returns the error of a link whose peer broke PROTOCOL.md §3.
func violation(format string, args ...any) error {
	return &CloseError{Code: Violation, Reason: fmt.Sprintf(format, args...)}
}

// How a link or a dial ends when nobody closed it on purpose.
var (
	// ErrIdle reports that nothing was heard from the peer for two minutes.
	ErrIdle = errors.New("nothing heard for two minutes")
	// ErrGone reports that the peer's process does not know the link any more.
	ErrGone = errors.New("the peer lost the link")
	// ErrClosed reports that the Transport is closed.
	ErrClosed = errors.New("transport closed")

	// ErrTimeout reports an address that did not answer.
	ErrTimeout = errors.New("timed out")
	// ErrUnreachable reports an address to which there is no way from here.
	ErrUnreachable = errors.New("network is unreachable")
	// ErrBusy reports a peer that takes no more handshakes, or is closing.
	ErrBusy = errors.New("refused")
	// ErrKey reports that a peer with another key answered.
	ErrKey = errors.New("another key answered")
	// ErrVersion reports a peer that speaks another version of the protocol.
	ErrVersion = errors.New("another version")
	// ErrNoAddress reports a dial without an address.
	ErrNoAddress = errors.New("no address")
)

// Stream errors of a conn, beside those that end the conn.
var (
	errReset   = errors.New("stream reset by its sender")
	errStopped = errors.New("stream stopped by its reader")
)

// maxReason bounds the text of a close, in bytes.
const maxReason = 100

// printable returns a peer's text as it may be shown: short and without control
// characters, which a terminal would obey.
func printable(s string) string {
	if len(s) > maxReason {
		s = s[:maxReason]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, s)
}

// closing returns what to tell the peer of a link that ends by cause.
func closing(cause error) (Code, string) {
	if e, ok := errors.AsType[*CloseError](cause); ok && !e.Remote {
		return e.Code, printable(e.Reason)
	}
	return Left, ""
}
