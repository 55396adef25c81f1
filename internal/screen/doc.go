// Package screen is the model of a terminal: what a program wrote, as a grid of
// cells, a cursor and modes.
//
//	program output -> Write -> grid, modes -> Frame    -> Renderer -> a terminal
//	                                       -> Snapshot -> Write of another Screen
//	                        -> scrolled off -> History -> PrependHistory of another
//	                        -> queries     -> TakeReplies -> the program
//	keys, pastes, mouse     -> Encode...   -> the program
//
// It promises three laws, for every stream of bytes and every place to cut it:
//
//   - Split: writing a stream in pieces gives what writing it at once gives.
//   - Snapshot: what comes after, written to a Screen that was rebuilt from a
//     Snapshot, gives what it would have given on the original.
//   - Fixpoint: the Snapshot of a rebuilt Screen is the Snapshot it came from.
//
// So a Screen keeps no state that an escape sequence cannot rebuild: a wrapped
// row ends in a printed character, a pending wrap stands behind one, the
// alternate screen is empty whenever the main one is shown, and REP repeats
// what stands left of the cursor.
//
// Any bytes may be written: nothing panics, everything is bounded.
package screen
