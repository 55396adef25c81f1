// Package gossterm holds the tests of the repository as a whole: which package
// may import which, what stays pure, and that a shell is written to in one place.
// The command is cmd/gossterm.
package gossterm
