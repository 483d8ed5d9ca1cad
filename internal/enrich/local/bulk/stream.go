package bulk

import (
	"context"
	"io"
	"sync"
)

// The inflating runs in a goroutine of its own, ahead of the scanner by as
// many blocks as there are and no more.
const (
	blocks    = 4
	blockSize = 512 << 10
)

// stream gives the bytes of a reader in blocks. A block begins with what the
// scanner has left of the one before, so that no row is split.
type stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	filled chan block
	free   chan []byte
	group  sync.WaitGroup
	held   []byte // the block the scanner has; nil before the first
	err    error  // what ended the reader, kept from the last block
}

// block is a buffer of maxRow bytes for what is left, blockSize for what was
// read and one for a line end. err is what ended the reader after n bytes.
type block struct {
	buf []byte
	n   int
	err error
}

// newStream begins to read. Whoever calls it also calls close.
func newStream(ctx context.Context, r io.Reader) *stream {
	s := &stream{filled: make(chan block, blocks), free: make(chan []byte, blocks)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	for range blocks {
		s.free <- nil // made when first used: most files are small
	}
	s.group.Go(func() { s.read(r) })
	return s
}

func (s *stream) read(r io.Reader) {
	for {
		var buf []byte
		select {
		case buf = <-s.free:
		case <-s.ctx.Done():
			return
		}
		if buf == nil {
			buf = make([]byte, maxRow+blockSize+1)
		}
		n, err := fill(r, buf[maxRow:maxRow+blockSize])
		s.filled <- block{buf, n, err} // never waits: there are as many places as blocks
		if err != nil {
			return
		}
	}
}

// fill reads until b is full. Unlike io.ReadFull it passes the reader's error
// on as it is: io.EOF is the end, io.ErrUnexpectedEOF a reader cut off.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// next gives rest and what follows it. rest must lie in what next gave before,
// which is no longer valid, and be no longer than maxRow. At the reader's end
// the error is its own, and the bytes are still to be looked at; there is room
// for one more behind them.
func (s *stream) next(rest []byte) ([]byte, error) {
	if s.err != nil {
		return rest, s.err
	}
	var b block
	select {
	case b = <-s.filled:
	case <-s.ctx.Done():
		return rest, s.ctx.Err()
	}
	if err := s.ctx.Err(); err != nil {
		return rest, err
	}
	start := maxRow - len(rest)
	copy(b.buf[start:], rest)
	if s.held != nil {
		s.free <- s.held
	}
	s.held, s.err = b.buf, b.err
	return b.buf[start : maxRow+b.n : maxRow+b.n+1], b.err
}

// close stops the reading and waits for it.
func (s *stream) close() {
	s.cancel()
	s.group.Wait()
}
