package screen

// A Reply is the model's answer to a query of the program. Only a Screen can
// fill one, so that nothing else can be typed under its name.
type Reply struct{ b []byte }

// Take returns the bytes of r and empties it, so that it is typed once at most.
func (r *Reply) Take() []byte {
	b := r.b
	r.b = nil
	return b
}

// AnswerQueries says whether queries are answered. Only the host's model does,
// or a program would be answered once by each viewer. The default is no.
func (s *Screen) AnswerQueries(on bool) { s.answer = on }

// TakeReplies returns the answers since the last call, oldest first.
func (s *Screen) TakeReplies() []Reply {
	r := s.replies
	s.replies, s.replyBytes = nil, 0
	return r
}

// reply queues an answer. A program that asks without reading loses the newest.
func (s *Screen) reply(text string) {
	if !s.answer || s.replyBytes+len(text) > maxReplies {
		return
	}
	s.replyBytes += len(text)
	s.replies = append(s.replies, Reply{b: []byte(text)})
}
