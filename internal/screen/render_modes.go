package screen

import "strings"

// titleColumns is the longest title, in columns.
const titleColumns = 80

// titleMark stands before every title: it is not this machine's own.
const titleMark = "gossterm"

// mouseModes are the DEC private modes for each MouseMode. A program that asked for
// presses only gets them out of mode 1000, which more terminals have.
var mouseModes = [...]int{MouseOff: 0, MouseX10: 1000, MouseClick: 1000, MouseDrag: 1002, MouseMotion: 1003}

// setModes brings title, cursor style and what the terminal reports to f under o.
func (r *Renderer) setModes(f *Frame, o Overlay) {
	r.setTitle(f.Title)
	style := f.Cursor.Style
	if style > 6 {
		style = 0
	}
	r.setStyle(style)
	mouse := MouseOff
	if o.Writer && int(f.Mouse) < len(mouseModes) {
		mouse = f.Mouse
	}
	r.setMouse(mouse)
	r.setKeys(f, o)
	if focus := o.Writer && f.Focus; focus != r.focus {
		r.focus = focus
		r.body = appendMode(r.body, 1004, focus)
	}
	if o.Writer != r.paste {
		r.paste = o.Writer
		r.body = appendMode(r.body, 2004, o.Writer)
	}
}

// setMouse has the terminal report what mouse says, always in the form of mode 1006.
func (r *Renderer) setMouse(mouse MouseMode) {
	from, to := mouseModes[r.mouse], mouseModes[mouse]
	r.mouse = mouse
	if from == to {
		return
	}
	if from != 0 {
		r.body = appendMode(r.body, from, false)
	}
	if to != 0 {
		r.body = appendMode(r.body, to, true)
	}
	if from == 0 || to == 0 {
		r.body = appendMode(r.body, 1006, to != 0)
	}
}

func (r *Renderer) setStyle(style uint8) {
	if style != r.style {
		r.style = style
		r.body = append(r.body, "\x1b["...)
		r.body = append(r.body, '0'+style, ' ', 'q')
	}
}

// setTitle shows title behind our mark. The terminal's own title is saved when
// the first one comes.
func (r *Renderer) setTitle(title string) {
	if title == r.title {
		return
	}
	r.title = title
	if !r.titled {
		r.titled = true
		r.body = append(r.body, "\x1b[22;0t"...)
	}
	text := strings.TrimSpace(FitText(titleMark+": "+title, titleColumns))
	if text == titleMark+":" {
		text = titleMark
	}
	r.body = append(r.body, "\x1b]2;"...)
	r.body = append(r.body, text...)
	r.body = append(r.body, "\x1b\\"...)
}
