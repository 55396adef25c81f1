package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
)

// printStats prints the counters of one layer, a line each.
func printStats(w io.Writer, layer string, stats any) {
	v := reflect.ValueOf(stats)
	for i := range v.NumField() {
		fmt.Fprintf(w, "gossterm: stats: %-8s %-16s %d\n", layer, words(v.Type().Field(i).Name), v.Field(i).Uint())
	}
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
