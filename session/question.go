package session

import (
	"strconv"
	"strings"
	"time"
)

const (
	// questionFor is how long the owner has for an answer, from when he is asked.
	questionFor = 60 * time.Second
	// questionsMost is how many may wait for an answer.
	questionsMost = 16
	// questionPause is how long there is none after one has gone, so that a key meant
	// for that one answers no other.
	questionPause = time.Second
)

// answerKeys are the keys that answer, in the order of their answers.
const answerKeys = "ywn"

// An Answer is what becomes of a Question.
type Answer uint8

// The answers.
const (
	AnswerType   Answer = iota + 1 // y: somebody may take part, and type
	AnswerWatch                    // w: and watch only
	AnswerNo                       // n
	AnswerNobody                   // nobody answered in time, or the terminal is left
	AnswerFull                     // too many questions wait: it was not asked
)

// A Question asks the owner at the host's own terminal about somebody. One is asked at
// a time, on rows above the last. It is answered once; see [JoinConfig].
type Question struct {
	Who     string        // in notices: whom it is about
	Text    string        // who asks for what; printable ASCII is shown of it
	Choices string        // which keys answer and what they mean
	Answer  chan<- Answer // with a free place, so that answering never waits
	Gone    <-chan struct{}
}

// An askedQuestion is a Question and when its time is over.
type askedQuestion struct {
	Question
	until time.Time
}

// questions are those that wait for an answer. The first is on the terminal, or will be.
type questions struct {
	waiting []askedQuestion
	up      bool      // the first is to be shown: the pause before it is over
	notYet  time.Time // when that is
}

// ask puts a question to the end of the queue.
func (l *memberLoop) ask(q Question) {
	now := l.cfg.Now()
	if len(l.questions.waiting) == questionsMost {
		q.give(AnswerFull)
		return
	}
	l.questions.waiting = append(l.questions.waiting, askedQuestion{q, now.Add(questionFor)})
	l.dirty = true
}

// give answers, the first time.
func (q Question) give(a Answer) {
	select {
	case q.Answer <- a:
	default:
	}
}

// isGone reports whether nobody waits for the answer any more.
func (q Question) isGone() bool {
	select {
	case <-q.Gone:
		return true
	default:
		return false
	}
}

// gone returns a channel that is closed when nobody waits for the first answer.
func (q *questions) gone() <-chan struct{} {
	if len(q.waiting) == 0 {
		return nil
	}
	return q.waiting[0].Gone
}

// giveUp takes the first question away, whose asker has gone.
func (l *memberLoop) giveUp() {
	l.say(l.questions.waiting[0].Who + " gave up")
	l.nextQuestion()
}

// nextQuestion takes the first question away.
func (l *memberLoop) nextQuestion() {
	l.questions.next(l.cfg.Now())
	l.prompt.anew()
}

// next takes the first question away. The next is asked after a pause.
func (q *questions) next(now time.Time) {
	q.waiting[0] = askedQuestion{}
	q.waiting = q.waiting[1:]
	q.up, q.notYet = false, now.Add(questionPause)
}

// lines returns what is shown of the first question now.
func (q *questions) lines() []string {
	if len(q.waiting) == 0 || !q.up {
		return nil
	}
	choices := q.waiting[0].Choices
	more := 0
	for _, w := range q.waiting[1:] {
		if !w.isGone() {
			more++
		}
	}
	if more > 0 {
		choices += " (+" + strconv.Itoa(more) + " more)"
	}
	return []string{ascii(q.waiting[0].Text), ascii(choices)}
}

// ascii returns s with a question mark for each character that lines cannot show.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// answerNow answers by a key after the escape character: nobody types that by accident.
func (l *memberLoop) answerNow(key byte) {
	l.untake()
	if !l.questions.up || l.prompt.seen.IsZero() && !l.prompt.drawn {
		l.say("nobody asks to join")
		return
	}
	l.answer(key)
}

// answer answers the first question.
func (l *memberLoop) answer(key byte) {
	a := Answer(strings.IndexByte(answerKeys, key) + 1)
	q := l.questions.waiting[0]
	q.give(a)
	switch a {
	case AnswerNo:
		l.say(q.Who + " was refused")
	default:
		l.say(q.Who + " is let in")
	}
	l.nextQuestion()
}

// questionsDue does what is due at now, and reports whether that changes what is shown.
func (l *memberLoop) questionsDue(now time.Time) bool {
	q := &l.questions
	changed := false
	for len(q.waiting) > 0 && !now.Before(q.waiting[0].until) {
		q.waiting[0].give(AnswerNobody)
		l.say("nobody answered " + q.waiting[0].Who)
		l.nextQuestion()
		changed = true
	}
	if len(q.waiting) > 0 && !q.up && !now.Before(q.notYet) {
		q.up, changed = true, true
	}
	return changed
}

// due returns when something is, zero if nothing is.
func (q *questions) due() time.Time {
	if len(q.waiting) == 0 {
		return time.Time{}
	}
	at := q.waiting[0].until
	if !q.up {
		at = earlier(at, q.notYet)
	}
	return at
}

// refuse answers all that wait: the owner has left his terminal.
func (q *questions) refuse() {
	for _, w := range q.waiting {
		w.give(AnswerNobody)
	}
	*q = questions{}
}
