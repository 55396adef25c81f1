package path

import "net/netip"

// Outward returns the addresses from which the kernel would send to the internet: none
// where there is no way to it, else at most one of each IP version. Nothing is sent.
func Outward() []netip.Addr { return sources() }
