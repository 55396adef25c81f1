// Package screen is the model of a terminal: what a program wrote, as a grid of
// cells, a cursor and modes.
//
//	program output -> Write -> grid, modes -> Frame    -> Renderer -> a terminal
//	                                       -> Snapshot -> Write of another Screen
//	                        -> the past -> Frame.Scrolled, each line once
//	                                    -> History -> PrependHistory of another
//	                                    -> Resize brings lines back
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
// So a Screen keeps no state that an escape sequence cannot rebuild: a row is
// wrapped behind a printed character or the blank that a wide one leaves, a
// pending wrap stands behind a character, the alternate screen is empty whenever
// the main one is shown, and REP repeats what stands left of the cursor. Only the
// past, the lines that left the top, is another thing.
//
// Any bytes may be written: nothing panics, everything is bounded.
package screen
