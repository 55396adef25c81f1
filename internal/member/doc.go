// Package member decides who is in a session (PROTOCOL.md §4).
//
//	Joiner                                        Host
//	Hello: proof, join request sealed to the host ->  Answer, Join
//	CheckProof                          <- Proof
//	CheckWelcome                        <- Welcome      the only "joined"
//	ApplyMembership                     <- Membership   with each change
//	ApplyHead                           <- Head         each second
//
// Admission is two questions. The hop: does the other end of this link hold a
// ticket? Any two members ask it of each other, by a proof bound to the link's TLS
// exporter. The session: is this key a member, and may it type? The host alone
// answers it, and says so to all in the membership it signs.
package member
