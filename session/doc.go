// Package session is what people share: one shell, typed into by many, shown to all.
//
// The host writes each deduplicated input to the shell exactly once, through a
// single reader loop, and records the shell's output for everybody:
//
//	inputs ──> Window.Admit ──> Fresh ──> queue of the author ─┐
//	                                                           ├─ round robin ─> shell
//	screen.Reply (the answer to a query, the host's alone) ────┘
//	                                                           shell ─> screen ─> records ─> everybody
//
// There are two cores, HostCore and MemberCore. They are pure: Step takes an
// event and the time and returns actions, so the simulator runs the very code
// of the product. Around them are two thin loops, Host and Join, which own the
// shell and the terminal. A loop's inbox is a local of its function: a second
// reader of a session cannot be had.
//
// The terminal has one size at a time, and a change of it is a record like any other:
// what was printed before is for the old size, what comes behind for the new one.
//
//	output  resize  snapshot, part 1 .. n  output of a shell that was told
//
// How records reach the other side is the business of a bus, which this
// package only declares. A bus may lose, repeat, reorder and delay inputs.
package session
