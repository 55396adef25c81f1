package screen

// maxOtherKeys is the most of modifyOtherKeys that a terminal is asked for: with 3
// it would tell text as numbers too.
const maxOtherKeys = 2

// setKeys has the terminal tell keys apart as f's program wants it. Whichever of the
// two ways the terminal knows, the keys are decoded to the same, and encoded at the
// host again.
func (r *Renderer) setKeys(f *Frame, o Overlay) {
	var flags, other uint8
	if o.Writer {
		flags, other = f.KeyFlags, min(f.OtherKeys, maxOtherKeys)
	}
	r.setKeyFlags(r.plane(), flags&(keyDisambiguate|keyAll) != 0)
	r.setOtherKeys(other)
}

// setKeyFlags pushes or pops kitty's flag that tells keys apart, on the screen that
// is shown. Whatever flags there were before come back with the pop.
func (r *Renderer) setKeyFlags(p *plane, on bool) {
	if on == p.keys {
		return
	}
	p.keys = on
	if on {
		r.body = append(r.body, "\x1b[>1u"...)
		return
	}
	r.body = append(r.body, "\x1b[<u"...)
}

// setOtherKeys sets modifyOtherKeys; 0 is what the user has configured.
func (r *Renderer) setOtherKeys(other uint8) {
	if other == r.other {
		return
	}
	r.other = other
	r.body = append(r.body, "\x1b[>4"...)
	if other > 0 {
		r.body = append(r.body, ';', '0'+other)
	}
	r.body = append(r.body, 'm')
}
