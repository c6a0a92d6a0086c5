// The name of a thing in a picture: as its title, and again as text that nobody sees, because not every reader takes
// the name of a group from its title.
export function Said({ x, y, children }: { x: number; y: number; children: string }) {
  return (
    <>
      <title>{children}</title>
      <text opacity={0} x={x} y={y}>
        {children}
      </text>
    </>
  );
}
