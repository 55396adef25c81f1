package lan

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The numbers of names have two digits.
const (
	leastNumber = 10
	numbers     = 90
)

// A NameError reports a word that no host is called by.
type NameError struct{ Name, Reason string }

func (e *NameError) Error() string { return fmt.Sprintf("%q is no name: %s", e.Name, e.Reason) }

// LooksLikeName reports whether word is meant as a name and not as a ticket, which
// has no dash.
func LooksLikeName(word string) bool { return strings.Contains(word, "-") }

// ParseName returns a name as hosts have it: in small letters and without blanks
// around it. Its error is a [*NameError].
func ParseName(word string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(word))
	refuse := func(reason string) (string, error) { return "", &NameError{name, reason} }
	part := strings.Split(name, "-")
	if len(part) != 3 {
		return refuse("two words and a number make one, as in brave-otter-42")
	}
	n, err := strconv.Atoi(part[2])
	if err != nil || n < leastNumber || n >= leastNumber+numbers || len(part[2]) != 2 {
		return refuse("it ends with a number of two digits")
	}
	for i, list := range [][]string{adjectives, nouns} {
		if !slices.Contains(list, part[i]) {
			return refuse(fmt.Sprintf("no name has the word %q there", part[i]))
		}
	}
	return name, nil
}

// DrawName draws a name from rand. It fails only if rand does.
func DrawName(rand io.Reader) (string, error) {
	var b [6]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("draw a name: %w", err)
	}
	// Of 32 bits a number below 90 is as good as even.
	n := leastNumber + binary.BigEndian.Uint32(b[2:])%numbers
	return fmt.Sprintf("%s-%s-%d", adjectives[b[0]], nouns[b[1]], n), nil
}
