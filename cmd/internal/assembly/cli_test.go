package assembly

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

func TestExit(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, ExitFine},
		{errors.New("x"), ExitFailed},
		{fmt.Errorf("call: %w", &UsageError{errors.New("x")}), ExitUsage},
		{fmt.Errorf("load: %w", &config.Error{}), ExitUsage},
		{fmt.Errorf("work: %w", &broker.UnreachableError{URL: "nats://x", Err: errors.New("x")}), ExitUnreachable},
		{fmt.Errorf("work: %w", nats.ErrNoServers), ExitUnreachable},
		{fmt.Errorf("work: %w", nats.ErrConnectionClosed), ExitUnreachable},
	} {
		var out strings.Builder
		assert.Equal(t, c.code, Exit(&out, c.err), "%v", c.err)
		if c.err == nil {
			assert.Empty(t, out.String())
			continue
		}
		assert.Equal(t, "npiflow: "+c.err.Error()+"\n", out.String())
	}
}

func TestConnectToNobody(t *testing.T) {
	c := config.Default()
	c.NATS.URL = "nats://127.0.0.1:1"
	_, err := Connect(c, "test", false)
	require.Equal(t, ExitUnreachable, ExitCode(err))
	assert.ErrorContains(t, err, "nats://127.0.0.1:1", "it says where")
}

// Where no server is named, one runs in the process and keeps its files.
func TestConnectEmbedded(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.NATS.DataDir, c.NATS.Listen = filepath.Join(t.TempDir(), "deep", "nats"), "127.0.0.1:0"
	b, err := Connect(c, "test", true)
	require.NoError(t, err)
	defer b.Close()
	assert.True(t, b.NC.IsConnected())
	assert.DirExists(t, c.NATS.DataDir)
}

func TestTakesBatches(t *testing.T) {
	for version, takes := range map[string]bool{"2.10.29": false, "2.11.0": false, "2.12.0": true, "2.15.2": true, "3.0.0": true, "": true, "dev": true} {
		assert.Equal(t, takes, takesBatches(version), version)
	}
}

func TestLogger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	for _, format := range []config.Format{config.FormatAuto, config.FormatJSON, config.FormatConsole} {
		log := Logger(f, config.Log{Level: "warn", Format: format})
		assert.Equal(t, zerolog.WarnLevel, log.GetLevel())
		log.Info().Msg("unsaid")
		log.Warn().Msg("said")
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 3)
	assert.True(t, strings.HasPrefix(lines[0], "{") && strings.HasPrefix(lines[1], "{"), "JSON where nobody reads")
	assert.Contains(t, lines[2], "WRN")
}
