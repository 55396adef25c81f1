package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"gossterm/internal/doctor"
)

// print examines and prints what is found, line by line or as one object at the end.
// It returns the exit status.
func (e *examination) print(ctx context.Context, asJSON bool) (int, error) {
	ctx, ended := untilSignal(ctx)
	out := doctorPrinter{w: e.std.out, colour: coloured(e.std.out)}
	if asJSON {
		out.w = io.Discard
	}
	works := e.run(ctx, out.check)
	if sig := ended(); sig != nil {
		return statusOf(sig), nil
	}
	out.verdict(e.report.Verdict)
	status := exitOK
	if !works {
		status = exitUnwell
	}
	if !asJSON {
		return status, nil
	}
	b, err := json.MarshalIndent(e.report, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(e.std.out, "%s\n", b)
	}
	return status, err
}

// A doctorPrinter prints checks for people.
type doctorPrinter struct {
	w      io.Writer
	colour bool
}

// check prints one line for a check, and one for what to do.
func (p doctorPrinter) check(c doctor.Check) {
	status := fmt.Sprintf("%-4s", c.Status)
	if p.colour {
		status = map[doctor.Status]string{doctor.OK: "\x1b[32m", doctor.Warn: "\x1b[33m", doctor.Fail: "\x1b[31m"}[c.Status] + status + "\x1b[m"
	}
	fmt.Fprintf(p.w, "%s  %-9s  %s\n", status, c.Name, c.Text)
	if c.Hint != "" {
		fmt.Fprintf(p.w, "%s-> %s\n", strings.Repeat(" ", 17), c.Hint)
	}
}

// verdict prints the last line.
func (p doctorPrinter) verdict(text string) { fmt.Fprintf(p.w, "\n%s\n", text) }

// coloured reports whether colours may be written to f (no-color.org). The old console
// of Windows would show them as letters.
func coloured(f *os.File) bool {
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}
