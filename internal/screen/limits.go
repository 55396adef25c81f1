package screen

const (
	// MinSize and MaxSize bound the columns and the rows of a Screen.
	MinSize = 2
	MaxSize = 1000

	maxParams       = 32    // parameters of one sequence; further ones are dropped
	maxParam        = 65535 // value of a parameter; larger ones are cut to it
	maxIntermediate = 2
	maxSequence     = 256  // bytes of a sequence; a longer one is ignored
	maxString       = 4096 // bytes of an OSC or DCS string; a longer one is ignored

	maxTitle      = 1024 // bytes of a title; a longer one is cut
	maxTitleStack = 8    // titles pushed; the oldest is forgotten
	maxLink       = 2083 // bytes of a link (the longest that browsers take)
	maxMarks      = 32   // bytes of combining marks on one cell
	maxKeyStack   = 16   // entries of a kitty keyboard stack; the oldest is forgotten

	maxTexts     = 1 << 14 // entries of the table of marks, and of that of links
	maxTextBytes = 1 << 20 // and the bytes of each

	maxReplies = 4096 // bytes of answers that nobody has taken; further ones are dropped
)
