package screen

// keyFlags are the kitty keyboard flags of one screen.
//
// A viewer's terminal is asked for keyDisambiguate alone, and pressed keys are
// written in the forms of that: with keyAll it would send text as key numbers, which
// without the user's layout is not text any more, and a key's release is not carried.
type keyFlags struct {
	now  uint8
	old  [maxKeyStack]uint8 // pushed, oldest first
	nOld uint8
}

const (
	keyDisambiguate = 1
	keyAll          = 8
	allKeyFlags     = 31
)

func (k *keyFlags) push(flags uint8) {
	if k.nOld == maxKeyStack {
		copy(k.old[:], k.old[1:])
		k.nOld--
	}
	k.old[k.nOld] = k.now
	k.nOld++
	k.now = flags
}

func (k *keyFlags) pop(n int) {
	for ; n > 0; n-- {
		k.now = 0
		if k.nOld == 0 {
			return
		}
		k.nOld--
		k.now, k.old[k.nOld] = k.old[k.nOld], 0
	}
}

// csiKeyboard executes the sequences with the prefixes < = >.
func (s *Screen) csiKeyboard(final byte) {
	keys := &s.g.keys
	switch {
	case s.prefix == '>' && final == 'u':
		keys.push(uint8(s.param(0, 0)) & allKeyFlags)
	case s.prefix == '<' && final == 'u':
		keys.pop(min(s.param(0, 1), maxKeyStack+1))
	case s.prefix == '=' && final == 'u':
		flags := uint8(s.param(0, 0)) & allKeyFlags
		switch s.param(1, 1) {
		case 1:
			keys.now = flags
		case 2:
			keys.now |= flags
		case 3:
			keys.now &^= flags
		}
	case s.prefix == '>' && final == 'm':
		s.setOtherKeys()
	case s.prefix == '>' && final == 'c':
		if s.param(0, 0) == 0 {
			s.reply("\x1b[>0;276;0c")
		}
	}
}

// setOtherKeys is XTMODKEYS for modifyOtherKeys, its resource 4.
func (s *Screen) setOtherKeys() {
	if s.n > 0 && s.param(0, 0) != 4 {
		return
	}
	if v := s.param(1, 0); v <= 3 {
		s.modes.otherKeys = uint8(v)
	}
}
