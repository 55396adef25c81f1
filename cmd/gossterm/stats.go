package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"

	"gossterm/internal/id"
	"gossterm/internal/node"
)

// printStats prints the counters of one layer, a line each.
func printStats(w io.Writer, layer string, stats any) {
	v := reflect.ValueOf(stats)
	for i := range v.NumField() {
		fmt.Fprintf(w, "gossterm: stats: %-8s %-16s %d\n", layer, words(v.Type().Field(i).Name), v.Field(i).Interface())
	}
}

// printTree prints where this peer is in the tree, and its links.
func printTree(w io.Writer, t node.Tree) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "gossterm: stats: %-8s %-16s %s\n", "tree", name, fmt.Sprintf(format, args...))
	}
	parent := "none"
	if !t.Parent.IsZero() {
		parent = t.Parent.Tag()
	}
	line("parent", "%s", parent)
	line("depth", "%d", t.Depth)
	line("children", "%d%s", len(t.Children()), tags(t.Children()))
	line("neighbors", "%d", len(t.Neighbors))
	line("through", "%d", t.Through)
	for _, l := range t.Links {
		how := "link"
		if l.Neighbor {
			how = "neighbor"
		}
		if l.Silent {
			how += ", silent"
		}
		line("link "+l.Peer.Tag(), "%s, %s, %d bytes in, %d bytes out, rtt %.1f ms", how, l.Addr, l.BytesIn, l.BytesOut,
			float64(l.RTT.Microseconds())/1000)
	}
	printStats(w, "gossip", t.Gossip)
}

// tags returns the tags of peers behind a colon, nothing of none.
func tags(ps []id.Peer) string {
	var b strings.Builder
	for i, p := range ps {
		b.WriteString([]string{": ", ", "}[min(i, 1)] + p.Tag())
	}
	return b.String()
}

// words turns a field's name into words: BytesOut is "bytes out".
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
