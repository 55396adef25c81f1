package id

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
)

// ErrRelay reports text or bytes that name no relay.
var ErrRelay = errors.New("not a relay")

const (
	// PinSize is the size of a relay's pin in bytes.
	PinSize = 16
	// MaxRelayToken is how many characters a relay's token has at most.
	MaxRelayToken = 32
	// MaxRelayName is how many characters the name of a relay has at most.
	MaxRelayName = 64

	maxLabel = 63 // RFC 1035 §2.3.4
)

// The flags of a relay in a ticket (PROTOCOL.md §2).
const (
	relayName  = 1
	relayIPv4  = 4
	relayIPv6  = 6
	relayToken = 8
	relayPin   = 16
)

// A Relay says where a relay is and how it proves itself. It is comparable; the zero
// Relay is none.
//
// The token is for those who may use the relay: [Relay.String] shows it, and fmt and slog
// do not, unless the Relay is in an unexported field of something else.
type Relay struct {
	Place  string // an IP address, or a DNS name in small letters
	Port   uint16
	Pin    [PinSize]byte // if Pinned, PinOf the relay's key
	Pinned bool          // always, if Place is an address
	Token  string        // "" if the relay wants none
}

// PinOf returns the pin of a relay's key: the first 16 bytes of
// SHA-256("gossterm/1 relay\0" ‖ key), PROTOCOL.md §2.
func PinOf(key Peer) [PinSize]byte {
	h := sha256.Sum256(append([]byte("gossterm/1 relay\x00"), key[:]...))
	return [PinSize]byte(h[:PinSize])
}

// ParseRelay reads what [Relay.String] writes: PLACE:PORT, then /PIN, then /TOKEN.
// Capitals in a name are read as small letters. Its error wraps ErrRelay.
func ParseRelay(s string) (Relay, error) {
	at, rest, more := strings.Cut(s, "/")
	host, port, ok := splitPort(at)
	if !ok {
		return Relay{}, fmt.Errorf("%w: want an address or a name, a colon and a port", ErrRelay)
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil || p == 0 {
		return Relay{}, fmt.Errorf("%w: %q is no port", ErrRelay, port)
	}
	r := Relay{Place: strings.Map(lowerASCII, host), Port: uint16(p)}
	if a, err := netip.ParseAddr(host); err == nil {
		r.Place = a.String()
	}
	if first, token, two := strings.Cut(rest, "/"); more && looksLikePin(first) {
		if !r.setPin(first) {
			return Relay{}, fmt.Errorf("%w: the key's letters are wrong", ErrRelay)
		}
		rest, more = token, two
	}
	if more && !ValidRelayToken(rest) {
		return Relay{}, fmt.Errorf("%w: a token has 1 to %d of the characters - _ . and A to Z, a to z, 0 to 9", ErrRelay, MaxRelayToken)
	}
	r.Token = rest
	return r, r.check()
}

// splitPort cuts the port off. An IPv6 address is in brackets, and nothing else is.
func splitPort(s string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return "", "", false
	}
	host, port = s[:colon], s[colon+1:]
	inner, bracket := strings.CutPrefix(host, "[")
	if !bracket {
		return host, port, !strings.ContainsAny(host, "[]:")
	}
	inner, closed := strings.CutSuffix(inner, "]")
	return inner, port, closed && strings.Contains(inner, ":")
}

// setPin reads the 26 letters of a pin.
func (r *Relay) setPin(s string) bool {
	b, err := text.DecodeString(s)
	if err != nil || text.EncodeToString(b) != s {
		return false
	}
	r.Pin, r.Pinned = [PinSize]byte(b), true
	return true
}

// check says what is wrong with r.
func (r Relay) check() error {
	kind, _ := r.place()
	switch {
	case kind == 0:
		return fmt.Errorf("%w: %q is neither an address nor a name", ErrRelay, r.Place)
	case r.Port == 0:
		return fmt.Errorf("%w: no port", ErrRelay)
	case kind != relayName && !r.Pinned:
		return fmt.Errorf("%w: an address needs the relay's key behind it", ErrRelay)
	case !r.Pinned && r.Pin != [PinSize]byte{}:
		return fmt.Errorf("%w: a key that does not count", ErrRelay)
	case r.Token != "" && !ValidRelayToken(r.Token):
		return fmt.Errorf("%w: wrong token", ErrRelay)
	}
	return nil
}

// Valid reports whether r names a relay: only then it can be written.
func (r Relay) Valid() bool { return r.check() == nil }

// place returns what kind of place r has, or 0 if it is none, and its bytes.
func (r Relay) place() (kind byte, b []byte) {
	a, err := netip.ParseAddr(r.Place)
	switch {
	case err != nil && validName(r.Place):
		return relayName, append([]byte{byte(len(r.Place))}, r.Place...)
	case err != nil, a.String() != r.Place, a.Zone() != "", a.Is4In6(), a.IsUnspecified(), a.IsMulticast():
		return 0, nil
	case a.Is4():
		return relayIPv4, a.AsSlice()
	}
	return relayIPv6, a.AsSlice()
}

// String returns the value of --relay, with the token.
func (r Relay) String() string {
	s := r.Place
	if strings.Contains(s, ":") {
		s = "[" + s + "]"
	}
	s += ":" + strconv.Itoa(int(r.Port))
	if r.Pinned {
		s += "/" + text.EncodeToString(r.Pin[:])
	}
	if r.Token != "" {
		s += "/" + r.Token
	}
	return s
}

// Format prints r without its token, whatever the verb. fmt prefers it to String.
func (r Relay) Format(f fmt.State, _ rune) { io.WriteString(f, r.masked()) }

// LogValue logs r as Format prints it.
func (r Relay) LogValue() slog.Value { return slog.StringValue(r.masked()) }

func (r Relay) masked() string {
	if r.Token != "" {
		r.Token = hidden
	}
	return r.String()
}

// AppendTo appends r as it is in tickets (PROTOCOL.md §2), or nothing if it is not
// valid.
func (r Relay) AppendTo(b []byte) []byte {
	if !r.Valid() {
		return b
	}
	flags, place := r.place()
	if r.Pinned {
		flags |= relayPin
	}
	if r.Token != "" {
		flags |= relayToken
	}
	b = append(append(b, flags), place...)
	b = binary.BigEndian.AppendUint16(b, r.Port)
	if r.Pinned {
		b = append(b, r.Pin[:]...)
	}
	if r.Token != "" {
		b = append(append(b, byte(len(r.Token))), r.Token...)
	}
	return b
}

// DecodeRelay reads what AppendTo writes and nothing else, and returns what follows.
// Its error wraps ErrRelay.
func DecodeRelay(b []byte) (r Relay, rest []byte, err error) {
	in := cursor{b: b}
	flags := in.byte()
	switch flags &^ (relayToken | relayPin) {
	case relayName:
		r.Place = string(in.take(int(in.byte())))
	case relayIPv4:
		r.Place = addrText(in.take(4))
	case relayIPv6:
		r.Place = addrText(in.take(16))
	default:
		return Relay{}, nil, fmt.Errorf("%w: kind %d", ErrRelay, flags)
	}
	if port := in.take(2); port != nil {
		r.Port = binary.BigEndian.Uint16(port)
	}
	if flags&relayPin != 0 {
		r.Pinned = true
		copy(r.Pin[:], in.take(PinSize))
	}
	if flags&relayToken != 0 {
		if r.Token = string(in.take(int(in.byte()))); r.Token == "" {
			in.short = true
		}
	}
	if in.short {
		return Relay{}, nil, fmt.Errorf("%w: its end is missing", ErrRelay)
	}
	// A name that reads as an address would be written as one.
	if kind, _ := r.place(); kind != flags&^(relayToken|relayPin) {
		return Relay{}, nil, fmt.Errorf("%w: wrong place", ErrRelay)
	}
	if err := r.check(); err != nil {
		return Relay{}, nil, err
	}
	return r, in.b, nil
}

// A cursor reads fields and remembers whether one was missing.
type cursor struct {
	b     []byte
	short bool
}

// take returns the next n bytes, or nil.
func (c *cursor) take(n int) []byte {
	if len(c.b) < n {
		c.b, c.short = nil, true
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// addrText returns the text of 4 or 16 bytes, or "".
func addrText(b []byte) string {
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return ""
	}
	return a.String()
}

// looksLikePin reports whether s has the length and letters of a pin: no token may.
func looksLikePin(s string) bool {
	return len(s) == text.EncodedLen(PinSize) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// ValidRelayToken reports whether s can be the token of a relay: 1 to 32 characters of
// A to Z, a to z, 0 to 9, -, _ and ., which do not read as a pin.
func ValidRelayToken(s string) bool {
	for _, c := range []byte(s) {
		if !alphanumeric(c) && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= MaxRelayToken && !looksLikePin(s)
}

// validName reports whether s is the name of a machine (RFC 1123 §2.1) in small
// letters. Its last label begins with a letter, or it could be taken for an address.
func validName(s string) bool {
	if s == "" || len(s) > MaxRelayName {
		return false
	}
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > maxLabel || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for _, c := range []byte(l) {
			if !alphanumeric(c) && c != '-' {
				return false
			}
		}
	}
	first := labels[len(labels)-1][0]
	return first >= 'a' && first <= 'z'
}

// alphanumeric reports whether c is one of a to z and 0 to 9.
func alphanumeric(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

// lowerASCII folds A to Z only.
func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}
