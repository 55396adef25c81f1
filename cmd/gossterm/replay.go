package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gossterm/internal/cast"
)

// A form is what a screen is printed as.
type form string

const (
	formText form = "text"
	formANSI form = "ansi"
	formJSON form = "json"
)

// replayFlags are what 'gossterm replay' was told.
type replayFlags struct {
	form string
	at   moment
}

func newReplay(std stdio) *cobra.Command {
	f := replayFlags{at: theEnd}
	cmd := &cobra.Command{
		Use:   "replay --print text|ansi|json [--at SECONDS] FILE.cast",
		Short: "Print the screen of a recording",
		Long: `Print the screen that a recording shows at its end, or SECONDS after its start. The
recording is asciicast, version 2 or 3, as asciinema makes it; a - reads it from
standard input. What comes after SECONDS is not read.

text  the rows of the screen, without the blanks at their ends.
ansi  what draws it: written to a terminal of the same size, it gives the same screen,
      with cursor, title and modes. On a terminal only the picture is drawn, inline.
json  one object: cols, rows, cursor {x, y, visible} from 0, alt (the alternate screen
      is shown), title, lines (as in text) and cells, rows of {text, width, fg, bg,
      attrs}. width is 1 or 2; the right half of a wide character follows it with
      width 0 and no text; a blank is " ". fg and bg are null (the terminal's own), 0
      to 255 (the palette) or "#rrggbb". attrs are of these, in this order: bold,
      faint, italic, underline, double-underline, curly-underline, dotted-underline,
      dashed-underline, blink, reverse, conceal, strike, overline.

The status is 1 if the recording cannot be read; then nothing is printed.`,
		Example: "  gossterm replay --print text --at 12.5 demo.cast\n  gossterm replay --print json - <demo.cast",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			print, err := parseForm(f.form)
			if err != nil {
				return err
			}
			s, err := screenOf(std, args[0], time.Duration(f.at))
			if err != nil {
				return unreadable(args[0], err)
			}
			return printScreen(std, s, print)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.form, "print", "", "`FORM` to print the screen in: text, ansi or json")
	fl.Var(&f.at, "at", "`SECONDS` from the start, such as 12.5")
	return cmd
}

// parseForm reads --print.
func parseForm(word string) (form, error) {
	const hint = "--print takes text, ansi or json"
	switch f := form(word); f {
	case formText, formANSI, formJSON:
		return f, nil
	case "":
		return "", usage(errors.New("replay: --print is needed"), hint)
	}
	return "", usage(fmt.Errorf("replay: --print %q is no form", word), hint)
}

// A moment is a time from the start of a recording, as a flag.
type moment time.Duration

// theEnd is behind all that a recording can hold.
const theEnd = moment(cast.MaxTime)

// Set reads seconds. What is later than any event can be is the end.
func (m *moment) Set(s string) error {
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return errors.New("seconds are a number, such as 12.5")
	}
	if seconds > cast.MaxTime.Seconds() {
		*m = theEnd
		return nil
	}
	at, err := cast.Seconds(seconds)
	if err != nil {
		return fmt.Errorf("this time %w", err)
	}
	*m = moment(at)
	return nil
}

// String returns m as Set takes it.
func (m *moment) String() string {
	if *m == theEnd {
		return "the end"
	}
	return strconv.FormatFloat(time.Duration(*m).Seconds(), 'f', -1, 64)
}

// Type is for pflag: the help has a name of its own.
func (m *moment) Type() string { return "SECONDS" }
