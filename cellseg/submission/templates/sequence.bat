@echo off
rem Segments and tracks @@dataset\@@sequence into @@result. Needs install.bat once before, and no network.
setlocal
cd /d "%~dp0"
if not exist @@environment\Scripts\python.exe (
    echo %~nx0: run install.bat first 1>&2
    exit /b 1
)
@@environment\Scripts\python.exe -I -m cellseg @@arguments
