// Package sim runs whole sessions in virtual time: one host core over a model of
// a terminal, and many member cores, joined by a network that loses, repeats,
// reorders and delays.
//
//	person ─> MemberCore ─> inputs ~~ network ~~> HostCore ─> terminal ─> program
//	             ^                                   │
//	             └── node's log <~~ pushed, pulled ~~ log
//
// It is the code of the product that runs; the network, the terminal, the program
// and the people are models. All of it hangs on one queue of events and one
// generator of random numbers: equal seeds give equal histories, to the byte.
//
// Inputs travel one way, once, and what is lost is repeated by its author. Records
// are pushed by the host and what is missing is pulled, from the host or from
// anybody: that stands for the spreading of package gossip.
//
// Every person types numbered tokens, so that at the end it can be told of each
// what became of it: what the terminal took, against what its author was told.
package sim
