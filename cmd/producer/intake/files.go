package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Stdin is the argument that means standard input, and StdinName is what it is
// called.
const (
	Stdin     = "-"
	StdinName = "standard input"
)

// Expand gives the files that arguments name, in their order: a file, all files
// of a folder and of those in it, but for hidden ones, or what matches a
// pattern. An argument that names nothing is an error.
func Expand(args []string) (files []string, err error) {
	for _, arg := range args {
		some, err := expand(arg)
		if err != nil {
			return nil, err
		}
		files = append(files, some...)
	}
	return files, nil
}

func expand(arg string) ([]string, error) {
	if arg == Stdin {
		return []string{arg}, nil
	}
	st, err := os.Stat(arg)
	switch {
	case err == nil && st.IsDir():
		return folder(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(arg, "*?["):
		return nil, err
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("%s matches no file", arg)
	}
	var files []string
	for _, m := range matches {
		st, err := os.Stat(m)
		switch {
		case err == nil && st.IsDir():
			some, err := folder(m)
			if err != nil {
				return nil, err
			}
			files = append(files, some...)
		default:
			files = append(files, m) // one that cannot be read is said of then
		}
	}
	return files, nil
}

// folder gives all files below dir. A folder in it that cannot be read is in
// the list itself, to be said of when it is its turn.
func folder(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && path != dir
		switch {
		case err != nil && path == dir:
			return err
		case hidden && d.IsDir():
			return fs.SkipDir
		case err != nil:
			files = append(files, path)
			return fs.SkipDir
		case !hidden && !d.IsDir():
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s is a folder without files", dir)
	}
	return files, err
}

// Size is the size of all files in bytes; -1 if that cannot be known.
func Size(files []string) (size int64) {
	for _, name := range files {
		st, err := os.Stat(name)
		if err != nil || !st.Mode().IsRegular() {
			return -1
		}
		size += st.Size()
	}
	return size
}
