internal import Glibc

/// The folder that holds `path`: `.` for a bare name.
func parentFolder(of path: String) -> String {
    guard let slash = withoutTrailingSlash(path).lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// `name` inside `folder`.
func joinPath(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// `path` without slashes at its end, so that `rename` and the parent mean the folder itself.
func withoutTrailingSlash(_ path: String) -> String {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
}

/// What is at `path`, symbolic links followed.
enum PathKind {
    case missing, file, folder, other
}

func kind(of path: String) -> PathKind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
}
