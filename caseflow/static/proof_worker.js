// SHA-256 of "stamp:number" must begin with so many zero bits.
onmessage = async ({ data: [stamp, bits] }) => {
  const encoder = new TextEncoder();
  for (let number = 0; ; number++) {
    const digest = new DataView(await crypto.subtle.digest("SHA-256", encoder.encode(`${stamp}:${number}`)));
    if (digest.getUint32(0) >>> (32 - bits) === 0) return postMessage(String(number));
  }
};
