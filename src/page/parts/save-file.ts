/** Gives the reader a file. Nothing leaves the page: the browser keeps it where it keeps downloads. */
export function saveFile(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  const address = URL.createObjectURL(new Blob([text], { type }));
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the bytes by the time the click returns; the address is no longer needed after a while.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
