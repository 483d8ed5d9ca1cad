package consumer

// deathsBeforeAlone is how many starts in a row may end in a crash without
// progress before the lane works its messages one at a time.
const deathsBeforeAlone = 3

// History is what a lane's lease remembers of crashes, so that a message that
// kills every worker that touches it is found out. The zero value remembers
// nothing.
type History struct {
	Mark    uint64 `json:"mark"`    // next input sequence when the last holder began
	Deaths  int    `json:"deaths"`  // holders in a row that died without moving the ledger
	Alone   bool   `json:"alone"`   // messages are worked one at a time
	Suspect uint64 `json:"suspect"` // the message being worked alone, written before it is touched
	Calm    bool   `json:"calm"`    // the last holder let go by itself, or was working nothing when last heard of
}

// begin is the history for a new holder that found the ledger to go on at
// input sequence at. Where the new history has a Suspect, that message killed
// a worker that was working nothing else: it must become a dead letter.
//
// A death counts only if something was being worked and the ledger did not
// move between the two starts.
func (h History) begin(at uint64) History {
	switch {
	case h.Calm:
		return History{Mark: at}
	case h.Alone:
		now := History{Mark: at, Alone: true}
		if h.Suspect >= at {
			now.Suspect = h.Suspect
		}
		return now
	case h.Mark != at:
		return History{Mark: at}
	}
	n := h.Deaths + 1
	return History{Mark: at, Deaths: n, Alone: n >= deathsBeforeAlone}
}
