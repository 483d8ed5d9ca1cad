package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
)

func importCommand(c *console) *cobra.Command {
	var o local.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "take in bulk files as CMS, the OIG and the NUCC ship them",
		Long: "Takes the monthly NPPES file, the weekly ones, the deactivated NPI report, the OIG's exclusion list\n" +
			"(UPDATED.csv) and the NUCC's taxonomy list: zips as they are, or what was unpacked from them. A FILE may be\n" +
			"a file, a folder (the zip, csv and xlsx files in it) or a pattern in quotes. Files are known by name and\n" +
			"content and applied by their days. A registry that answers goes on answering until the import is done;\n" +
			"whatever fails or is stopped before that changes nothing. CMS's files: https://download.cms.gov/nppes/NPI_Files.html\n\n" +
			"Exit codes: 0 imported; 1 not, and nothing was changed; 2 wrong usage or configuration.",
		Example: "  registry import NPPES_Data_Dissemination_November_2026_V2.zip\n" +
			"  registry import downloads/ --search\n" +
			"  registry import 'downloads/NPPES_Data_Dissemination_*_Weekly_V2.zip' --json",
		Args: assembly.CheckedArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.importFiles(cmd.Context(), args, o, asJSON)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.Search, "search", false, "make the indexes that searching by name, place or specialty needs; once made, they are kept")
	f.BoolVar(&o.Sample, "sample", false, "take files that are far smaller than CMS's and the OIG's, such as samples")
	f.BoolVar(&asJSON, "json", false, "print the summary as one JSON object")
	return cmd
}

func (c *console) importFiles(ctx context.Context, args []string, o local.Options, asJSON bool) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	cfg, err := c.config()
	if err != nil {
		return err
	}
	paths, err := expand(args)
	if err != nil {
		return err
	}
	files, err := bulk.Recognize(paths...)
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	dir := cfg.Enrich.Local.Dir
	before := answering(dir)
	shown := newProgress(c.err)
	o.Progress = shown.update
	done, err := local.Import(ctx, dir, files, o)
	shown.end()
	if err != nil {
		if errors.Is(err, ctx.Err()) {
			err = errors.New("import: stopped")
		}
		if answering(dir) != before { // a disk that fails in the very last step
			return fmt.Errorf("%w; the new files answer, but may not after a power failure: import them again", err)
		}
		return fmt.Errorf("%w; nothing was changed", err)
	}
	r := reportOf(dir, done)
	if asJSON {
		return printJSON(c.out, r)
	}
	return r.print(c.out)
}

// answering is the name of the build that answers in dir, "" where there is
// none.
func answering(dir string) string {
	name, _ := os.ReadFile(filepath.Join(dir, "CURRENT")) // see the package local
	return string(name)
}

// expand gives the files that args name: files, what is in folders but not
// deeper, and what patterns match; each once.
func expand(args []string) ([]string, error) {
	var all []string
	for _, arg := range args {
		found, err := named(arg)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(path string) bool {
		path = filepath.Clean(path)
		again := seen[path]
		seen[path] = true
		return again
	}), nil
}

func named(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return inFolder(arg)
	case err == nil:
		return []string{arg}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, assembly.Usage("import: %w", err)
	}
	found, err := filepath.Glob(arg)
	if err != nil || len(found) == 0 {
		return nil, assembly.Usage("import: there is no %s", arg)
	}
	return found, nil
}

// endings are those of the files that are published.
var endings = []string{".zip", ".csv", ".xlsx"}

func inFolder(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, assembly.Usage("import: %w", err)
	}
	var found []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(endings, strings.ToLower(filepath.Ext(e.Name()))) && !strings.HasPrefix(e.Name(), ".") {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	if len(found) == 0 {
		return nil, assembly.Usage("import: in the folder %s is no zip, csv or xlsx file", dir)
	}
	return found, nil
}
