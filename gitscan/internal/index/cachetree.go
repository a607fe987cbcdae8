package index

import (
	"bytes"
	"strconv"

	"github.com/keysieve/keysieve/gitscan/internal/object"
)

// A CacheTree knows the tree objects of directories in which nothing was staged since the tree was read or written. The
// zero value knows none.
type CacheTree struct {
	nodes    []treeNode
	children []int32 // of all nodes; each node's are contiguous
}

// treeNode is 48 bytes; in the file a node has at least 7.
type treeNode struct {
	name       string
	id         object.ID
	entries    int32 // of the index that it covers, -1 if its tree is not known
	firstChild int32 // in children
	childCount int32
}

// A Directory is a place in a CacheTree. The zero value is a directory that the cache-tree does not know.
type Directory struct {
	trees *CacheTree
	node  int32
}

// Root returns the top directory.
func (c *CacheTree) Root() Directory {
	if len(c.nodes) == 0 {
		return Directory{}
	}
	return Directory{trees: c}
}

// Tree returns the id of the directory's tree and the number of index entries below the directory; ok is false if the
// tree is not known.
func (d Directory) Tree() (id object.ID, entries int, ok bool) {
	if d.trees == nil {
		return object.ID{}, 0, false
	}
	node := &d.trees.nodes[d.node]
	return node.id, int(node.entries), node.entries >= 0
}

// Child returns the sub-directory of that name.
func (d Directory) Child(name string) Directory {
	if d.trees == nil {
		return Directory{}
	}
	node := &d.trees.nodes[d.node]
	children := d.trees.children[node.firstChild:][:node.childCount]
	low, high := 0, len(children)
	for low < high {
		middle := int(uint(low+high) / 2)
		child := children[middle]
		switch c := compareNames(d.trees.nodes[child].name, name); {
		case c == 0:
			return Directory{trees: d.trees, node: child}
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	// Children out of git's order are not found, which costs time and nothing else.
	return Directory{}
}

// compareNames is the order of a cache-tree's sub-directories: shorter names first.
func compareNames(a, b string) int {
	switch {
	case len(a) != len(b):
		return len(a) - len(b)
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// parseCacheTree reads the TREE extension: for each directory, parents first, its name and a NUL, the number of its index
// entries (negative if its tree is not known), a space, the number of its sub-directories, a newline, and the tree's id
// if it is known. start is the extension's place in the file, for errors. A tree of more directories than limit is left out:
// it could need far more memory than the file.
func parseCacheTree(data []byte, start, limit int) (CacheTree, error) {
	nodes, err := parseTreeNodes(data, start, limit)
	if err != nil || len(nodes) == 0 {
		return CacheTree{}, err
	}
	c := CacheTree{nodes: nodes, children: make([]int32, len(nodes)-1)}
	// The parents of the node at hand, each with the number of children that are still to come.
	type parent struct{ node, missing int32 }
	var open []parent
	next := int32(0)
	for i := range nodes {
		if i > 0 {
			if len(open) == 0 {
				return CacheTree{}, &SyntaxError{start, "the cache-tree has two roots"}
			}
			top := &open[len(open)-1]
			node := &nodes[top.node]
			c.children[node.firstChild+node.childCount-top.missing] = int32(i)
			top.missing--
		}
		n := nodes[i].childCount
		if int(n) > len(c.children)-int(next) {
			return CacheTree{}, &SyntaxError{start, "the cache-tree lacks sub-directories"}
		}
		nodes[i].firstChild = next
		next += n
		for len(open) > 0 && open[len(open)-1].missing == 0 {
			open = open[:len(open)-1]
		}
		if n > 0 {
			open = append(open, parent{int32(i), n})
		}
	}
	if len(open) > 0 {
		return CacheTree{}, &SyntaxError{start, "the cache-tree lacks sub-directories"}
	}
	return c, nil
}

// parseTreeNodes reads the nodes in the order of the file. It goes through them twice, to allocate them once.
func parseTreeNodes(data []byte, start, limit int) ([]treeNode, error) {
	count := 0
	for rest := data; len(rest) > 0; count++ {
		_, n, err := parseTreeNode(rest, start+len(data)-len(rest))
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	if count > limit {
		return nil, nil
	}
	nodes := make([]treeNode, 0, count)
	for rest := data; len(rest) > 0; {
		node, n, err := parseTreeNode(rest, start)
		if err != nil {
			return nil, err
		}
		node.name = string(rest[:bytes.IndexByte(rest, 0)])
		nodes = append(nodes, node)
		rest = rest[n:]
	}
	return nodes, nil
}

// parseTreeNode reads all of a node but its name, and returns its length in the file.
func parseTreeNode(data []byte, start int) (node treeNode, n int, err error) {
	name := bytes.IndexByte(data, 0)
	if name < 0 {
		return node, 0, &SyntaxError{start, "a cache-tree's name does not end"}
	}
	line := bytes.IndexByte(data[name+1:], '\n')
	if line < 0 {
		return node, 0, &SyntaxError{start, "a cache-tree's line does not end"}
	}
	first, second, _ := bytes.Cut(data[name+1:name+1+line], []byte{' '})
	entries, err1 := parseCount(first)
	children, err2 := parseCount(second)
	if err1 != nil || err2 != nil || children < 0 {
		return node, 0, &SyntaxError{start + name + 1, "a cache-tree's numbers cannot be read"}
	}
	node.entries, node.childCount = max(entries, -1), children
	n = name + 1 + line + 1
	if entries < 0 {
		return node, n, nil
	}
	if len(data)-n < object.Size {
		return node, 0, &SyntaxError{start + n, "a cache-tree's id is cut short"}
	}
	node.id = object.ID(data[n:])
	return node, n + object.Size, nil
}

func parseCount(digits []byte) (int32, error) {
	n, err := strconv.ParseInt(string(digits), 10, 32)
	return int32(n), err
}
