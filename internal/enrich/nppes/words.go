package nppes

import "sync"

// words keeps one copy of each text that many providers share: states,
// cities, taxonomies, credentials. A million cached entries would otherwise
// hold a million copies of "Registered Nurse".
//
// It is a plain table rather than the unique package, which forgets a text at
// the next garbage collection unless its handle, not the string, is held.
type words struct {
	mu   sync.RWMutex
	seen map[string]string
}

// The table never grows beyond these. The United States have some 30,000
// city names and the taxonomy some 900 codes; what comes often comes early.
const (
	maxWords = 1 << 16
	maxWord  = 128 // bytes
)

func newWords() *words { return &words{seen: make(map[string]string)} }

func (w *words) one(s string) string {
	if s == "" || len(s) > maxWord {
		return s
	}
	w.mu.RLock()
	known, ok := w.seen[s]
	w.mu.RUnlock()
	if ok {
		return known
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) < maxWords {
		w.seen[s] = s
	}
	return s
}
