package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// An asking is one question and what became of it.
type asking struct {
	q      Question
	answer chan Answer
	gone   chan struct{}
}

func newAsking(who string) *asking {
	a := &asking{answer: make(chan Answer, 1), gone: make(chan struct{})}
	a.q = Question{Who: who, Text: who + " asks to join", Choices: "y w n", Answer: a.answer, Gone: a.gone}
	return a
}

// got returns the answer, 0 if there is none yet.
func (a *asking) got() Answer {
	select {
	case got := <-a.answer:
		return got
	default:
		return 0
	}
}

// joinAsked is a session that asks about ana, on a terminal of 40 by 8.
func joinAsked(t *testing.T) (*joinedSession, *asking) {
	j := join(t, newFakeTerminal(), typist1())
	ana := newAsking("ana")
	j.questions <- ana.q
	sleep(3 * frameGap)
	return j, ana
}

// asks reports whether the terminal shows the question about who.
func (j *joinedSession) asks(who string) bool {
	return strings.Contains(j.term.text(), "\n"+who+" asks to join\ny w n")
}

func TestPlainKeysAnswerOnlyByThemselves(t *testing.T) {
	const none = Answer(0)
	s := func(d time.Duration) any { return d }
	for _, c := range []struct {
		desc  string
		do    []any // keys and pauses
		want  Answer
		typed string
	}{
		{"y", []any{s(answerSeen), "y", s(answerAlone)}, AnswerType, ""},
		{"w", []any{s(answerSeen), "w", s(answerAlone)}, AnswerWatch, ""},
		{"n", []any{s(answerSeen), "n", s(answerAlone)}, AnswerNo, ""},
		{"too soon after the question", []any{s(answerSeen - 4*frameGap), "y", s(answerAlone)}, none, "y"},
		{"in the middle of typing", []any{s(answerSeen), "a", s(answerQuiet - frameGap), "y", s(answerAlone)}, none, "ay"},
		{"after a pause in typing", []any{s(answerSeen), "a", s(answerQuiet), "y", s(answerAlone)}, AnswerType, "a"},
		{"a word that begins so", []any{s(answerSeen), "n", s(answerAlone - frameGap), "pm", s(answerAlone)}, none, "npm"},
		{"an answer to a program", []any{s(answerSeen), "y", s(answerAlone / 2), "\r", s(answerAlone)}, none, "y\r"},
		{"twice", []any{s(answerSeen), "y", "y", s(answerAlone)}, none, "yy"},
		{"in one go with more", []any{s(answerSeen), "y\r", s(answerAlone)}, none, "y\r"},
		{"another key", []any{s(answerSeen), "x", s(answerAlone)}, none, "x"},
		{"a capital", []any{s(answerSeen), "Y", s(answerAlone)}, none, "Y"},
		{"nothing answers before the time is over", []any{s(answerSeen), "y", s(answerAlone - 4*frameGap)}, none, ""},
		{"~y at once", []any{Command{'y'}}, AnswerType, ""},
		{"~w at once", []any{Command{'w'}}, AnswerWatch, ""},
		{"~n in the middle of typing", []any{"a", Command{'n'}}, AnswerNo, "a"},
		{"the mouse is not typing", []any{s(answerSeen), envelope.Mouse{}, "y", envelope.Mouse{}, s(answerAlone)}, AnswerType, ""},
	} {
		t.Run(c.desc, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, ana := joinAsked(t)
				if !j.asks("ana") {
					t.Fatalf("the terminal shows %q", j.term.text())
				}
				for _, d := range c.do {
					switch d := d.(type) {
					case time.Duration:
						sleep(d)
					case string:
						j.term.key(d)
					case Command:
						j.term.events <- d
					case envelope.Mouse:
						j.item(d)
					}
				}
				sleep(2 * frameGap)
				if got := ana.got(); got != c.want {
					t.Errorf("answer %d, want %d", got, c.want)
				}
				if got := j.bus.typed(t); got != c.typed {
					t.Errorf("typed %q, want %q", got, c.typed)
				}
				if j.asks("ana") != (c.want == none) {
					t.Errorf("the terminal shows %q", j.term.text())
				}
				j.term.events <- Command{'.'}
				<-j.done
				if got := ana.got(); c.want == none && got != AnswerNobody {
					t.Errorf("at the end the answer is %d, want that nobody answered", got)
				}
			})
		})
	}
}

// What an owner cannot have read he cannot answer: a terminal that takes nothing, or
// is too small, shows no question.
func TestOnlyWhatIsShownIsAnswered(t *testing.T) {
	t.Run("stuck", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			j := join(t, newFakeTerminal(), typist1())
			stuck := make(chan struct{})
			j.term.mu.Lock()
			j.term.stuck = stuck
			j.term.mu.Unlock()
			ana := newAsking("ana")
			j.questions <- ana.q
			sleep(2 * answerSeen)
			j.term.key("y")
			sleep(2 * answerAlone)
			if got, typed := ana.got(), j.bus.typed(t); got != 0 || typed != "y" {
				t.Errorf("answer %d, typed %q; want y typed", got, typed)
			}
			close(stuck)
			sleep(answerSeen + 2*frameGap)
			j.term.key("y")
			sleep(2 * answerAlone)
			if got := ana.got(); got != AnswerType {
				t.Errorf("answer %d once it is shown", got)
			}
		})
	})
	t.Run("small", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			term := newFakeTerminal()
			term.resize(20, 2)
			j := join(t, term, typist1())
			ana := newAsking("ana")
			j.questions <- ana.q
			sleep(2 * answerSeen)
			if got := term.text(); !strings.Contains(got, "somebody asks") {
				t.Errorf("the terminal shows %q", got)
			}
			j.term.key("y")
			j.term.events <- Command{'y'}
			sleep(2 * answerAlone)
			if got, typed := ana.got(), j.bus.typed(t); got != 0 || typed != "y" {
				t.Errorf("answer %d, typed %q; want y typed", got, typed)
			}
		})
	})
	t.Run("none", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			j := join(t, newFakeTerminal(), typist1())
			j.term.events <- Command{'y'}
			sleep(2 * frameGap)
			if got := j.term.text(); !strings.Contains(got, "nobody asks") {
				t.Errorf("the terminal shows %q", got)
			}
		})
	})
}

func TestQuestionsComeOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, ana := joinAsked(t)
		bob, cyd := newAsking("bob"), newAsking("cyd")
		j.questions <- bob.q
		j.questions <- cyd.q
		sleep(2 * frameGap)
		if got := j.term.text(); !strings.Contains(got, "ana asks to join\ny w n (+2 more)") || strings.Contains(got, "bob") {
			t.Errorf("the terminal shows %q", got)
		}
		j.term.events <- Command{'n'}
		j.term.events <- Command{'n'} // one too many: there is a pause
		sleep(questionPause - 2*frameGap)
		if j.asks("bob") || bob.got() != 0 || ana.got() != AnswerNo {
			t.Errorf("the terminal shows %q", j.term.text())
		}
		sleep(4 * frameGap)
		if !j.asks("bob") {
			t.Errorf("the terminal shows %q", j.term.text())
		}
		close(bob.gone)
		sleep(2 * frameGap)
		if got := j.term.text(); j.asks("bob") || !strings.Contains(got, "bob gave up") {
			t.Errorf("the terminal shows %q", got)
		}
		sleep(questionPause)
		j.term.events <- Command{'w'}
		sleep(frameGap)
		if got := cyd.got(); got != AnswerWatch {
			t.Errorf("cyd got %d", got)
		}
		if got := bob.got(); got != 0 {
			t.Errorf("bob, who has gone, got %d", got)
		}
	})
}

// The key for a question that went away at that moment answers nothing.
func TestAHeldKeyIsForItsQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, ana := joinAsked(t)
		bob := newAsking("bob")
		j.questions <- bob.q
		sleep(answerSeen)
		j.term.key("y")
		synctest.Wait()
		close(ana.gone)
		sleep(answerAlone + questionPause + 2*frameGap)
		if bob.got() != 0 || !j.asks("bob") || j.bus.typed(t) != "" {
			t.Errorf("bob is let in by a key for ana; shown %q, typed %q", j.term.text(), j.bus.typed(t))
		}
	})
}

func TestAQuestionHasAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, ana := joinAsked(t)
		sleep(questionFor - 10*frameGap)
		if !j.asks("ana") || ana.got() != 0 {
			t.Errorf("the question is over too soon: %q", j.term.text())
		}
		sleep(10 * frameGap)
		if got := ana.got(); got != AnswerNobody || j.asks("ana") {
			t.Errorf("after its time: answer %d, %q", got, j.term.text())
		}
	})
}

// A terminal that takes nothing, while there is always something to draw, keeps no
// question beyond its time.
func TestAQuestionEndsOnAStuckTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		stuck := make(chan struct{})
		defer close(stuck)
		j.term.mu.Lock()
		j.term.stuck = stuck
		j.term.mu.Unlock()
		ana := newAsking("ana")
		j.questions <- ana.q
		for range 2 {
			j.bus.append(envelope.Output{Data: []byte("x")})
			sleep(frameGap)
		}
		turns := int(j.asked.Load())
		sleep(questionFor + time.Second)
		if got := ana.got(); got != AnswerNobody {
			t.Errorf("answer %d, want that nobody answered", got)
		}
		if n := int(j.asked.Load()) - turns; n > 100 {
			t.Errorf("%d turns of the loop meanwhile", n)
		}
	})
}

func TestTooManyQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		for range questionsMost {
			j.questions <- newAsking("ana").q
		}
		late := newAsking("bob")
		j.questions <- late.q
		sleep(frameGap)
		if got := late.got(); got != AnswerFull {
			t.Errorf("one too many got %d", got)
		}
	})
}

// What hides a question, or redraws the terminal, makes it be read anew.
func TestAQuestionBesideTickets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, ana := joinAsked(t)
		j.term.events <- Command{'i'}
		sleep(frameGap)
		if got := j.term.text(); !j.asks("ana") || !strings.Contains(got, "gst1abc") {
			t.Errorf("the terminal shows %q", got)
		}
		j.term.resize(40, 4) // for one of them
		j.term.events <- TerminalResized{}
		sleep(frameGap)
		if got := j.term.text(); !j.asks("ana") || strings.Contains(got, "gst1abc") {
			t.Errorf("the terminal shows %q", got)
		}
		sleep(answerSeen)
		j.term.events <- TerminalReset{}
		sleep(2 * frameGap)
		j.term.key("y")
		sleep(2 * answerAlone)
		if got := ana.got(); got != 0 {
			t.Errorf("a key right after the terminal was redrawn answers %d", got)
		}
	})
}

func TestAQuestionShowsNothingButASCII(t *testing.T) {
	q := questions{up: true, waiting: []askedQuestion{{Question: Question{Text: "j\x1b[31mörg asks", Choices: "y"}}}}
	if got := strings.Join(q.lines(), "|"); got != "j?[31m?rg asks|y" {
		t.Errorf("got %q", got)
	}
}
