package lab

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Names is a flag that names cases; it may be given more than once. A * stands for
// anything, [a-z] and ? as in path.Match.
type Names []string

// String returns the names.
func (n *Names) String() string { return strings.Join(*n, ",") }

// Set adds a name.
func (n *Names) Set(s string) error { *n = append(*n, s); return nil }

// Choose returns the cases that are named, in the order of all. If there are no names,
// it returns the usual ones. A name that is nobody's is an error.
func Choose[T any](names Names, all []T, nameOf func(T) string, usual func(T) bool) ([]T, error) {
	flat := func(name string) string { return strings.ReplaceAll(name, "/", " ") } // path.Match's * passes no slash
	var chosen []T
	used := make([]bool, len(names))
	for _, t := range all {
		named := len(names) == 0 && usual(t)
		for i, n := range names {
			if ok, err := path.Match(flat(n), flat(nameOf(t))); err != nil {
				return nil, fmt.Errorf("--case %s: %w", n, err)
			} else if ok {
				named, used[i] = true, true
			}
		}
		if named {
			chosen = append(chosen, t)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("--case %s: there is none; --list lists all", names[i])
	}
	return chosen, nil
}
