// What `rekindle catalogue` says.
import type { Text } from '../kernel/lang.ts';

export const CATALOGUE_WORDS = {
  catalogue: {
    en: 'Products: import names, prices, stock and addresses; look one up',
    zh: '商品目录：导入名称、价格、库存与链接，或查询商品',
  },
  catalogueImport: {
    en: 'import a product file (CSV, TSV, JSON lines)',
    zh: '导入商品文件（CSV、TSV、JSON 行）',
  },
  catalogueList: { en: 'list products', zh: '列出商品' },
  productFileArgument: { en: 'the file', zh: '文件' },
  productMapOption: {
    en: 'which column is which, like itemId=SKU,name=Title,price=Cost',
    zh: '列映射，如 itemId=SKU,name=标题,price=售价',
  },
  productQueryArgument: { en: 'part of an id, name, category or brand', zh: '商品编号、名称、品类或品牌的一部分' },
  productsImported: {
    en: '{path}: {imported} products imported, {rejected} lines rejected. Columns: {columns}',
    zh: '{path}：导入 {imported} 个商品，拒绝 {rejected} 行。列：{columns}',
  },
  productRejected: { en: '  line {line}: {reason}', zh: '  第 {line} 行：{reason}' },
  columnCategory: { en: 'Category', zh: '品类' },
  columnBrand: { en: 'Brand', zh: '品牌' },
  columnStock: { en: 'In stock', zh: '有货' },
  columnItem: { en: 'Id', zh: '编号' },
  inStock: { en: 'yes', zh: '是' },
  soldOut: { en: 'no', zh: '否' },
} as const satisfies Record<string, Text>;
