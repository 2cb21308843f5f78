// Which columns does a Parquet file have? Read from its footer (apache/parquet-format: `FileMetaData` in Thrift's compact protocol, its length
// and the magic at the very end), because a server that is not on this machine cannot be asked about a file of ours. Pure.

/** What stands behind the footer: its length (4 bytes, little endian) and `PAR1`. */
export const PARQUET_TAIL_BYTES = 8;

/** Bytes of the footer before the tail; undefined when this is no end of a Parquet file (cut off, or encrypted). */
export function footerLengthOf(tail: Uint8Array): number | undefined {
  if (tail.length !== PARQUET_TAIL_BYTES || String.fromCharCode(...tail.subarray(4)) !== 'PAR1') return undefined;
  return new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
}

/** Types of the compact protocol (thrift-compact-protocol.md); a boolean field is its own value, an element of a list is a byte. */
const [STOP, YES, NO, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
];
const NESTED_MAX = 32;

/** Fields of `FileMetaData` and of `SchemaElement` that are read here. */
const SCHEMA = 2;
const REPETITION = 3;
const NAME = 4;
const CHILDREN = 5;
const REPEATED = 2;

/** Walks over the footer; every step that leaves it throws a RangeError. */
class Thrift {
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError('the footer ends early');
    return byte;
  }
  #varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of the footer is too long');
  }
  int(): number {
    const zigzag = this.#varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
  binary(): Uint8Array {
    const length = this.#varint();
    if (length > this.#bytes.length - this.#at) throw new RangeError('a text of the footer is longer than the footer');
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
  list(): { readonly size: number; readonly type: number } {
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (size > this.#bytes.length) throw new RangeError('a list of the footer is longer than the footer');
    return { size, type: head & 15 };
  }
  /** Hands every field of a struct to `read`, which answers whether it has consumed the value. */
  struct(read: (id: number, type: number) => boolean, depth = 0): void {
    let id = 0;
    for (;;) {
      const head = this.#byte();
      const type = head & 15;
      if (type === STOP) return;
      id = head >> 4 === 0 ? this.int() : id + (head >> 4);
      if (!read(id, type)) this.skip(type, false, depth + 1);
    }
  }
  skip(type: number, isElement: boolean, depth: number): void {
    if (depth > NESTED_MAX) throw new RangeError('the footer is nested too deeply');
    switch (type) {
      case YES:
      case NO:
        if (isElement) this.#byte();
        return;
      case BYTE:
        this.#byte();
        return;
      case I16:
      case I32:
      case I64:
        this.#varint();
        return;
      case DOUBLE:
        for (let i = 0; i < 8; i++) this.#byte();
        return;
      case BINARY:
        this.binary();
        return;
      case LIST:
      case SET: {
        const { size, type: of } = this.list();
        for (let i = 0; i < size; i++) this.skip(of, true, depth + 1);
        return;
      }
      case MAP: {
        const size = this.#varint();
        if (size === 0) return;
        const types = this.#byte();
        for (let i = 0; i < size; i++) {
          this.skip(types >> 4, true, depth + 1);
          this.skip(types & 15, true, depth + 1);
        }
        return;
      }
      case STRUCT:
        this.struct(() => false, depth + 1);
        return;
      default:
        throw new RangeError(`the footer has a value of unknown type ${type}`);
    }
  }
}

type Element = { readonly name: string; readonly children: number; readonly isRepeated: boolean };

function elementOf(thrift: Thrift): Element {
  let name = '';
  let children = 0;
  let isRepeated = false;
  thrift.struct((id, type) => {
    if (id === NAME && type === BINARY) name = new TextDecoder().decode(thrift.binary());
    else if (id === CHILDREN && type === I32) children = thrift.int();
    else if (id === REPETITION && type === I32) isRepeated = thrift.int() === REPEATED;
    else return false;
    return true;
  });
  return { name, children, isRepeated };
}

/** Names of the columns that hold one value each, in order: lists, maps and structs are no cells of a table. Throws a RangeError for bytes that are no footer. */
export function parquetColumns(footer: Uint8Array): readonly string[] {
  const thrift = new Thrift(footer);
  const elements: Element[] = [];
  thrift.struct((id, type) => {
    if (id !== SCHEMA || type !== LIST) return false;
    const { size } = thrift.list();
    for (let i = 0; i < size; i++) elements.push(elementOf(thrift));
    return true;
  });
  // The schema is a tree written depth first, its root without a meaning.
  const columns: string[] = [];
  let at = 1;
  const passSubtree = (): void => {
    let open = 1;
    while (open > 0) {
      const element = elements[at++];
      if (element === undefined) throw new RangeError('the schema ends early');
      open += element.children - 1;
    }
  };
  for (let i = 0; i < (elements[0]?.children ?? 0); i++) {
    const top = elements[at];
    if (top?.children === 0 && !top.isRepeated) columns.push(top.name);
    passSubtree();
  }
  if (columns.length === 0) throw new RangeError('the footer names no plain column');
  return columns;
}
