package screen

import "bytes"

//go:generate sh -c "perl width_gen.pl > width_table.go"

// widthBlock is how many code points share one block of the width table.
const widthBlock = 256

// widthIndex says which block of widthBlocks holds the widths of which code
// points; the many blocks in which every character is as wide as all others are one.
var widthIndex, widthBlocks = buildWidths()

func buildWidths() ([(1 << 21) / widthBlock]uint16, [][widthBlock]uint8) {
	var index [(1 << 21) / widthBlock]uint16
	all := func(w uint8) [widthBlock]uint8 { return [widthBlock]uint8(bytes.Repeat([]byte{w}, widthBlock)) }
	ones := all(1)
	blocks := [][widthBlock]uint8{ones}
	paint := func(ranges [][2]rune, w uint8) {
		whole := uint16(len(blocks))
		blocks = append(blocks, all(w))
		for _, r := range ranges {
			for c := r[0]; c <= r[1]; c++ {
				b := c / widthBlock
				if index[b] == 0 && c%widthBlock == 0 && c+widthBlock-1 <= r[1] {
					index[b] = whole
					c += widthBlock - 1
					continue
				}
				if index[b] == 0 {
					index[b] = uint16(len(blocks))
					blocks = append(blocks, ones)
				}
				blocks[index[b]][c%widthBlock] = w
			}
		}
	}
	paint(zeroWidth[:], 0)
	paint(doubleWidth[:], 2)
	return index, blocks
}

// runeWidth returns how many columns r takes: 0, 1 or 2. It decides by code
// point alone, as the programs' own wcwidth does, and not by grapheme.
func runeWidth(r rune) int {
	return int(widthBlocks[widthIndex[uint32(r)/widthBlock]][r%widthBlock])
}
