//! Counts lines, words and bytes. Bytes ABI: the host asks `plugin_alloc` for room, writes the payload there, calls
//! `handle`, reads the result and gives both back with `plugin_free`.

/// Returns room for that many bytes.
#[no_mangle]
pub extern "C" fn plugin_alloc(length: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; length].into_boxed_slice()) as *mut u8
}

/// Takes back what `plugin_alloc` or `handle` gave.
///
/// # Safety
/// The address and the length must be those of one such room, given back once.
#[no_mangle]
pub unsafe extern "C" fn plugin_free(address: *mut u8, length: usize) {
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(
        address, length,
    )));
}

/// Answers with the counts as JSON: "hello brave\nworld" gives `{"lines":2,"words":3,"bytes":17}`.
///
/// # Safety
/// The address and the length must be those of a room that `plugin_alloc` gave.
#[no_mangle]
pub unsafe extern "C" fn handle(address: *const u8, length: usize) -> u64 {
    reply(count(std::slice::from_raw_parts(address, length)))
}

/// A last line without its line feed counts as well.
fn count(text: &[u8]) -> String {
    let feeds = text.iter().filter(|&&byte| byte == b'\n').count();
    let open_line = matches!(text.last(), Some(&byte) if byte != b'\n');
    let words = text
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .count();
    format!(
        "{{\"lines\":{},\"words\":{},\"bytes\":{}}}",
        feeds + usize::from(open_line),
        words,
        text.len()
    )
}

/// Hands the text to the host: its address in the high half, its length in the low half.
fn reply(text: String) -> u64 {
    let room = text.into_bytes().into_boxed_slice();
    let length = room.len() as u64;
    let address = Box::into_raw(room) as *mut u8 as usize as u64;
    address << 32 | length
}
