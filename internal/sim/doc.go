// Package sim runs whole sessions in virtual time: a host core over a model of a
// terminal, and members, 20 to 200 of them, over the product's gossip.
//
//	person ─> MemberCore          HostCore ─> terminal ─> program
//	             │  ^               ^   │
//	      Submit v  │ Log    input  │   v Append
//	          gossip.State ~~ links ~~ gossip.State ~~ links ~~ ...
//
// It is the code of the product that runs; the links, the checks of signatures, the
// terminal, the program and the people are models. All of it hangs on one queue of
// events and one generator of random numbers: equal seeds give equal histories, to
// the byte.
//
// A link has three classes of frames. Each is ordered and reliable while the link
// lasts, and they may overtake each other. A link can be reset, cut both ways or one,
// and silent, or so slow that its log is thrown away; a process can die with and
// without a word, stop, sleep with a clock that stands still or goes on, move, begin
// anew; some cannot reach the host, or be called; one may be evil; a crowd may come.
//
// A run is for liveness or for safety. In the first the faults end, and within a bound
// all must be settled and equal and the overlay sound. In the second faults strike to
// the end and some never heal: what must hold at any time is looked at again and again.
// Rows are single faults of a minute or ten. A case that fails is shrunk: fewer faults,
// less time, fewer places.
//
// Every person types numbered tokens, so that at the end it can be told of each
// what became of it: what the terminal took, against what its author was told.
// When all is quiet the overlay and the tree are looked at: views are symmetric and
// no larger than they must be, everybody has a way to the host from parent to
// parent, and a stream reaches everybody once, unasked, even past a member that
// stands still.
package sim
