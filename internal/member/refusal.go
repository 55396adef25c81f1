package member

import "fmt"

// A Code is the application code that a link is closed with (PROTOCOL.md §3).
type Code uint64

// The codes that admission closes a link with.
const (
	Refused   Code = 2 // the proof is wrong: do not come back with this ticket
	Full      Code = 3 // try later
	Removed   Code = 4 // do not come back
	Violation Code = 5 // a frame broke the protocol
	Replaced  Code = 6 // a newer process of the same key took over
)

// A Refusal is why a peer was not let in. It is an error; Reason is for people and
// holds nothing the peer sent.
type Refusal struct {
	Code   Code
	Reason string
}

func (r *Refusal) Error() string { return fmt.Sprintf("not let in (code %d): %s", r.Code, r.Reason) }
