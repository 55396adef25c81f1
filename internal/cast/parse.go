package cast

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const eventForm = "[time, code, data]"

// notJSON reports a line that is not JSON: a cut one is such.
type notJSON struct{ error }

// parseEvent reads the line of an event; Time is what it says.
func parseEvent(line []byte) (Event, error) {
	if !utf8.Valid(line) {
		return Event{}, notJSON{errors.New("the line is not UTF-8, expected " + eventForm)}
	}
	var parts [4]json.RawMessage // one too many
	if err := json.Unmarshal(line, &parts); err != nil {
		return Event{}, jsonError(err, eventForm)
	}
	if parts[2] == nil || parts[3] != nil {
		return Event{}, errors.New("the event has not three parts, expected " + eventForm)
	}
	ev, err := parseParts(parts[0], parts[1], parts[2])
	if err != nil {
		return Event{}, fmt.Errorf("%w, expected %s", err, eventForm)
	}
	return ev, nil
}

func parseParts(when, code, data json.RawMessage) (Event, error) {
	var ev Event
	seconds, err := parseNumber(when)
	if err != nil {
		return ev, fmt.Errorf("the time %w", err)
	}
	if ev.Time, err = Seconds(seconds); err != nil {
		return ev, fmt.Errorf("the time %s %w", brief(when), err)
	}
	var ok bool
	if ev.Code, ok = parseText(code); !ok {
		return ev, fmt.Errorf("the code %s is not a string", brief(code))
	}
	ev.Data, ok = parseText(data)
	switch ev.Code {
	case Output, Input, Marker, Exit, Resize:
		if !ok {
			return ev, fmt.Errorf("the data %s is not a string", brief(data))
		}
	}
	if ev.Code == Resize {
		if ev.Cols, ev.Rows, ok = parseSize(ev.Data); !ok {
			return ev, fmt.Errorf(`the size %s is not "COLSxROWS"`, brief(data))
		}
	}
	return ev, nil
}

// jsonError says what is wrong with a line that is not the JSON it should be.
func jsonError(err error, form string) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where := ""
		if wrong.Field != "" {
			where = fmt.Sprintf("%q is ", wrong.Field)
		}
		return fmt.Errorf("%sa JSON %s, expected %s", where, wrong.Value, form)
	}
	return notJSON{fmt.Errorf("not JSON: %w, expected %s", err, form)}
}

var errNoNumber = errors.New("is not a number")

// parseNumber reads a JSON number of any form.
func parseNumber(raw json.RawMessage) (float64, error) {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, fmt.Errorf("%s %w", brief(raw), errNoNumber)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is out of range", brief(raw))
	}
	return f, nil
}

// parseText reads a JSON string.
func parseText(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// parseSize reads COLSxROWS.
func parseSize(s string) (cols, rows int, ok bool) {
	c, r, ok := strings.Cut(s, "x")
	if !ok {
		return 0, 0, false
	}
	wide, err1 := strconv.ParseUint(c, 10, 16)
	high, err2 := strconv.ParseUint(r, 10, 16)
	return int(wide), int(high), err1 == nil && err2 == nil && wide > 0 && high > 0
}

// briefly is how many bytes of a line an error shows.
const briefly = 40

// brief returns raw for an error: not long, "nothing" if there is none.
func brief(raw json.RawMessage) string {
	if raw == nil {
		return "nothing"
	}
	if len(raw) <= briefly {
		return string(raw)
	}
	return strings.ToValidUTF8(string(raw[:briefly]), "") + "..."
}
