import { expect, test } from 'vitest';
import { contrast, parseFrame } from '../../src/frame/frame';

const FRAME = {
  name: 'Diario de Prueba',
  ink: '#ffffff',
  paper: '#003366',
  links: [{ text: 'Portada', href: 'https://diario.example/' }],
};

test('a frame is what it declares', () => {
  expect(parseFrame(JSON.stringify(FRAME))).toEqual({ ...FRAME, logo: null });
});

test.each([
  ['not JSON', '{'],
  ['too large', JSON.stringify({ ...FRAME, more: 'x'.repeat(40_000) })],
  ['without a name', JSON.stringify({ ...FRAME, name: ' ' })],
  ['a list', '[]'],
  ['null', 'null'],
])('%s is no frame', (_, text) => {
  expect(parseFrame(text)).toBeNull();
});

test('what does not fit is left out', () => {
  const frame = parseFrame(
    JSON.stringify({
      ...FRAME,
      ink: '#777777',
      paper: '#888888',
      logo: 'https://elsewhere.example/logo.png',
      links: [{ text: 'x', href: 'javascript:alert(1)' }, null, ...Array(9).fill(FRAME.links[0])],
    }),
  )!;
  expect([frame.ink, frame.paper, frame.logo]).toEqual([null, null, null]);
  expect(frame.links).toHaveLength(6);
});

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
