// Readlog reads a log of ours with the Go team's own packages, and nothing of ours: golang.org/x/mod
// sumdb/note opens the checkpoints, sumdb/tlog reads the tiles and makes and checks the proofs.
//
//	readlog <folder> <origin> <log key> <witness key> <older note> <newer note>
//
// It ends with 0 and one line if all is well. Otherwise it says what is not.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 6 {
		return fmt.Errorf("six arguments are needed")
	}
	folder, origin, logKey, witnessKey := args[0], args[1], args[2], args[3]
	var trees [2]tlog.Tree
	for i, file := range args[4:] {
		tree, err := openCheckpoint(file, origin, logKey, witnessKey)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		trees[i] = tree
	}
	if err := checkGrowth(folder, trees[0], trees[1]); err != nil {
		return err
	}
	checked := 0
	for _, tree := range trees {
		n, err := checkEntries(folder, tree)
		if err != nil {
			return err
		}
		checked += n
	}
	fmt.Printf("%d to %d leaves, %d entries proved\n", trees[0].N, trees[1].N, checked)
	return nil
}

// openCheckpoint believes a checkpoint that the log signed and the witness cosigned.
func openCheckpoint(file, origin, logKey, witnessKey string) (tlog.Tree, error) {
	var tree tlog.Tree
	signed, err := os.ReadFile(file)
	if err != nil {
		return tree, err
	}
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return tree, err
	}
	witness, err := newCosigner(witnessKey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(log, witness))
	if err != nil {
		return tree, err
	}
	if len(opened.Sigs) != 2 || len(opened.UnverifiedSigs) != 0 {
		return tree, fmt.Errorf("%d signatures verified, %d not", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return tree, fmt.Errorf("not a checkpoint of %s", origin)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// cosigner verifies cosignature/v1, which the note package leaves to its users.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(text string) (*cosigner, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a key: %s", text)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, fmt.Errorf("not a cosignature key: %s", text)
	}
	return &cosigner{parts[0], uint32(hash), key[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

// tiles reads tiles where the specification puts them: as Go does, without the height in the path.
type tiles struct {
	folder string
	read   int
}

func (t *tiles) Height() int { return 8 }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(pathOf(t.folder, tile))
		if err != nil {
			return nil, err
		}
		t.read++
		all = append(all, data)
	}
	return all, nil
}

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func pathOf(folder string, tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	if tile.L == -1 {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return filepath.Join(folder, "tile", path)
}

func checkGrowth(folder string, old, new tlog.Tree) error {
	proof, err := tlog.ProveTree(new.N, old.N, tlog.TileHashReader(new, &tiles{folder: folder}))
	if err != nil {
		return fmt.Errorf("growth from %d to %d: %w", old.N, new.N, err)
	}
	return tlog.CheckTree(proof, new.N, new.Hash, old.N, old.Hash)
}

// checkEntries hashes every entry of every bundle, and proves the first and last of each.
func checkEntries(folder string, tree tlog.Tree) (int, error) {
	reader := tlog.TileHashReader(tree, &tiles{folder: folder})
	proved := 0
	for start := int64(0); start < tree.N; start += 256 {
		width := 256
		if tree.N-start < 256 {
			width = int(tree.N - start)
		}
		entries, err := bundle(folder, tlog.Tile{H: 8, L: -1, N: start / 256, W: width})
		if err != nil {
			return 0, err
		}
		if err := checkBundle(reader, tree, start, entries); err != nil {
			return 0, err
		}
		proved += 2
	}
	return proved, nil
}

func checkBundle(reader tlog.HashReader, tree tlog.Tree, start int64, entries [][]byte) error {
	indexes := make([]int64, len(entries))
	for i := range entries {
		indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("hashes from %d on: %w", start, err)
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != hashes[i] {
			return fmt.Errorf("entry %d is not the leaf that was signed", start+int64(i))
		}
	}
	for _, i := range []int{0, len(entries) - 1} {
		index := start + int64(i)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		hash := tlog.RecordHash(entries[i])
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, hash); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return nil
}

func bundle(folder string, tile tlog.Tile) ([][]byte, error) {
	data, err := os.ReadFile(pathOf(folder, tile))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for in := bytes.NewBuffer(data); in.Len() > 0; {
		length := in.Next(2)
		if len(length) != 2 || in.Len() < int(binary.BigEndian.Uint16(length)) {
			return nil, fmt.Errorf("%s is cut short", tile.Path())
		}
		entries = append(entries, in.Next(int(binary.BigEndian.Uint16(length))))
	}
	if len(entries) != tile.W {
		return nil, fmt.Errorf("%s has %d entries", tile.Path(), len(entries))
	}
	return entries, nil
}
