package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	currentFile = "CURRENT"
	importFile  = "IMPORT"
	readersFile = "READERS"
	storeFolder = "store"
)

// filesystem is where builds are: the system's, or in tests one that fails.
type filesystem = vfs.FS

var defaultFS filesystem = vfs.Default

var buildName = regexp.MustCompile(`^build-[0-9]{8}T[0-9]{6}\.[0-9]{9}$`)

func newBuildName(now time.Time) string {
	return "build-" + now.UTC().Format("20060102T150405.000000000")
}

// current is the name of the build that answers.
func current(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNone
	}
	if err != nil {
		return "", fmt.Errorf("open the local registry: %w", err)
	}
	name := strings.TrimSpace(string(b))
	if !buildName.MatchString(name) {
		return "", &CorruptError{fmt.Errorf("%s does not name a build", filepath.Join(dir, currentFile))}
	}
	return name, nil
}

// switchTo makes name the build that answers. A crash before the rename leaves
// the old build answering, one after it the new: there is nothing between.
func switchTo(files filesystem, dir, name string) error {
	temp := filepath.Join(dir, currentFile+".new")
	f, err := files.Create(temp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, name+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := files.Rename(temp, filepath.Join(dir, currentFile)); err != nil {
		return err
	}
	d, err := files.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// unlocked takes no lock: a build is never written after it was made, so any
// number of processes may read it.
type unlocked struct{ filesystem }

func (unlocked) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// silent keeps pebble's own log out of ours: what matters comes back as an
// error. Fatalf is for states that pebble cannot go on from, and must not return;
// an import makes an error of it.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, a := range args {
		if cause, ok := a.(error); ok {
			err = fmt.Errorf("%v: %w", err, cause)
		}
	}
	panic(err)
}
